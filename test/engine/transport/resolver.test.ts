import { describe, expect, it } from 'vitest';
import { createResolver, type NameService, resolveLiteral } from '../../../sip/engine/transport/resolve/resolver.ts';
import { orderRecords, type ServiceRecord } from '../../../sip/engine/transport/resolve/service-records.ts';

const addresses: Record<string, string[]> = {
  'a.example': ['192.0.2.1', '2001:db8::1'],
  'srv1.example': ['192.0.2.11'],
  'srv2.example': ['192.0.2.12'],
  box: ['192.0.2.20'],
};
const services: Record<string, ServiceRecord[]> = {
  '_sip._udp.carrier.example': [
    { name: 'srv2.example', port: 5062, priority: 20, weight: 1 },
    { name: 'gone.example', port: 5060, priority: 15, weight: 1 },
    { name: 'srv1.example', port: 5061, priority: 10, weight: 1 },
  ],
  '_sip._tcp.carrier.example': [{ name: 'srv1.example', port: 5070, priority: 1, weight: 0 }],
};

interface Rig {
  readonly resolve: ReturnType<typeof createResolver>;
  readonly asked: string[];
  advance(ms: number): void;
}

function rig(): Rig {
  const asked: string[] = [];
  let time = 0;
  const names: NameService = {
    addresses: async (name) => {
      asked.push(name);
      return addresses[name] ?? Promise.reject(new Error('ENOTFOUND'));
    },
    services: async (name) => {
      asked.push(name);
      return services[name] ?? [];
    },
  };
  const resolve = createResolver({ names, now: () => time, random: () => 0.5 });
  return {
    resolve,
    asked,
    advance: (ms) => {
      time += ms;
    },
  };
}

const both = ['udp', 'tcp'] as const;
const text = (targets: readonly { protocol: string; address: string; port: number }[]): string[] =>
  targets.map(({ protocol, address, port }) => `${protocol} ${address} ${port}`);

describe('resolveLiteral (RFC 3263 §4)', () => {
  it.each([
    ['sip:bob@192.0.2.4', 'udp 192.0.2.4 5060'],
    ['sip:192.0.2.4:5080;transport=TCP', 'tcp 192.0.2.4 5080'],
    ['sip:h;maddr=192.0.2.9', 'udp 192.0.2.9 5060'],
    ['sip:[2001:db8::1]:5070', 'udp 2001:db8::1 5070'],
    ['sips:192.0.2.4', 'tls 192.0.2.4 5061'],
    ['sip:192.0.2.4;transport=tls', 'tls 192.0.2.4 5061'],
    ['192.0.2.4', 'udp 192.0.2.4 5060'],
    ['192.0.2.4:5090;transport=tcp', 'tcp 192.0.2.4 5090'],
    ['[::1]:5090', 'udp ::1 5090'],
  ])('%s is %s', (uri, expected) => {
    expect(text([resolveLiteral(uri)!])).toEqual([expected]);
  });

  it('leaves names to the look-up', () => {
    expect(resolveLiteral('sip:bob@a.example')).toBeUndefined();
  });

  it.each([
    ['sip:192.0.2.4;transport=sctp', both, 'no_transport'],
    ['sip:192.0.2.4;transport=tcp', ['udp'] as const, 'no_transport'],
    ['tel:+1', both, 'bad_target'],
    ['sip:a b', both, 'bad_uri'],
  ])('refuses %s', (uri, listening, code) => {
    expect(() => resolveLiteral(uri, listening)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe('resolveTarget (RFC 3263 §4)', () => {
  it('asks for addresses only when there is a port', async () => {
    const { resolve, asked } = rig();
    expect(text(await resolve('sip:bob@a.example:5080;transport=tcp', both))).toEqual([
      'tcp 192.0.2.1 5080',
      'tcp 2001:db8::1 5080',
    ]);
    expect(asked).toEqual(['a.example']);
  });

  it('follows SRV by priority, UDP before TCP, past a record that does not resolve', async () => {
    expect(text(await rig().resolve('sip:carrier.example', both))).toEqual([
      'udp 192.0.2.11 5061',
      'udp 192.0.2.12 5062',
      'tcp 192.0.2.11 5070',
    ]);
  });

  it('follows only the SRV of the transport asked for', async () => {
    expect(text(await rig().resolve('sip:carrier.example;transport=tcp', both))).toEqual(['tcp 192.0.2.11 5070']);
  });

  it('falls back to addresses and the default port without SRV', async () => {
    expect(text(await rig().resolve('sip:a.example', both))).toEqual(['udp 192.0.2.1 5060', 'udp 2001:db8::1 5060']);
  });

  it('asks no SRV of a name without a dot', async () => {
    const { resolve, asked } = rig();
    expect(text(await resolve('box', both))).toEqual(['udp 192.0.2.20 5060']);
    expect(asked).toEqual(['box']);
  });

  it('remembers an answer for 30 s and a failure for 2 s', async () => {
    const { resolve, asked, advance } = rig();
    await resolve('sip:box:5060', both);
    advance(29_999);
    await resolve('sip:other@BOX:5060', both);
    expect(asked).toEqual(['box']);
    advance(1);
    await resolve('sip:box:5060', both);
    expect(asked).toHaveLength(2);
    for (const pause of [0, 1_999, 1]) {
      advance(pause);
      await expect(resolve('sip:nobody:5060', both)).rejects.toMatchObject({ code: 'name_not_found' });
    }
    expect(asked.filter((name) => name === 'nobody')).toHaveLength(2);
  });

  it('knows localhost', async () => {
    const targets = await createResolver()('sip:localhost:5060', both);
    expect(targets.map((target) => target.address)).toContain('127.0.0.1');
  });
});

describe('orderRecords (RFC 2782)', () => {
  const record = (name: string, priority: number, weight: number): ServiceRecord => ({
    name,
    priority,
    weight,
    port: 1,
  });
  const records = [record('b1', 2, 10), record('a9', 1, 90), record('a1', 1, 10), record('a0', 1, 0)];

  it.each([
    [0, ['a0', 'a1', 'a9', 'b1']],
    [0.05, ['a1', 'a9', 'a0', 'b1']],
    [0.99, ['a9', 'a1', 'a0', 'b1']],
  ])('draws by weight within a priority, the lot being %d', (lot, names) => {
    expect(orderRecords(records, () => lot).map((each) => each.name)).toEqual(names);
  });
});
