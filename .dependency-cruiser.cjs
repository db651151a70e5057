/** Who may import whom: design rules checked by `npm run check`. A row lists everything a folder may import, itself included. */
const layers = {
  'src/domain': ['src/domain'],
  'src/store': ['src/store', 'src/domain'],
  'src/webhooks': ['src/webhooks', 'src/domain', 'src/store'],
  'src/calls': ['src/calls', 'src/domain', 'src/store', 'src/webhooks/enqueue.ts', 'src/webhooks/claimed-delivery.ts'],
  'src/account': ['src/account', 'src/domain', 'src/log.ts'],
  'src/telephony': [
    'src/telephony',
    'src/domain',
    'src/calls',
    'src/store',
    'src/operations.ts',
    'src/log.ts',
    'src/clock.ts',
  ],
  'src/http': [
    'src/http',
    'src/domain',
    'src/calls',
    'src/store',
    'src/operations.ts',
    'src/telephony',
    'src/log.ts',
    'src/clock.ts',
  ],
  'src/audit': ['src/audit', 'src/domain', 'src/store/tables.ts'],
  'src/cli': [
    'src/cli',
    'src/account',
    'src/audit',
    'src/domain',
    'src/calls',
    'src/store',
    'src/http/json',
    'src/config.ts',
    'src/installation-secret.ts',
    'src/main.ts',
  ],
  'src/metrics': ['src/metrics', 'src/calls', 'src/store'],
  'src/scheduler': ['src/scheduler', 'src/log.ts'],
  'sip/engine/message': ['sip/engine/message'],
  'sip/engine/transport': ['sip/engine/transport', 'sip/engine/message'],
  'sip/engine/transaction': ['sip/engine/transaction', 'sip/engine/transport', 'sip/engine/message'],
  'sip/engine/dialog': ['sip/engine/dialog', 'sip/engine/transaction', 'sip/engine/transport', 'sip/engine/message'],
  'sip/engine/overload': ['sip/engine/overload', 'sip/engine/transaction'],
  'sip/engine/trace': ['sip/engine/trace', 'sip/engine/transaction', 'sip/engine/transport'],
  'sip/engine/proxy': ['sip/engine/proxy', 'sip/engine/transaction', 'sip/engine/transport', 'sip/engine/message'],
  'sip/engine/control': [
    'sip/engine/control',
    'sip/engine/proxy',
    'sip/engine/dialog',
    'sip/engine/transaction',
    'sip/engine/transport',
    'sip/engine/message',
  ],
};

const starts = (paths) => paths.map((path) => `^${path.replaceAll('.', '\\.')}`);

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'engine-knows-nothing-of-src', severity: 'error', from: { path: '^sip/' }, to: { path: '^src/' } },
    {
      name: 'only-start-sip-starts-the-engine',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/start-sip\\.ts$' },
      to: { path: '^sip/' },
    },
    {
      name: 'only-telephony-imports-drachtio',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/telephony/' },
      to: { path: 'node_modules/drachtio' },
    },
    ...Object.entries(layers).map(([folder, allowed]) => ({
      name: `layer-${folder.replaceAll('/', '-')}`,
      severity: 'error',
      from: { path: `^${folder}/` },
      to: { path: '^(src|sip)/', pathNot: starts(allowed) },
    })),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
