import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeSettings } from '../../src/config.ts';

const settings = new Map(describeSettings().map(({ name, fallback }) => [name, fallback]));
const UNIT = 'deploy/systemd/sip-postback-bridge.service';
const unit = readFileSync(UNIT, 'utf8');
const unitValue = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

describe('the systemd unit', () => {
  it('starts the command that is there and waits longer than calls may take to end', () => {
    expect(unitValue('ExecStart')).toBe('/opt/sip-postback-bridge/bin/bridge start');
    expect(statSync('bin/bridge').mode & 0o111).not.toBe(0);
    expect(Number(unitValue('TimeoutStopSec'))).toBeGreaterThan(Number(settings.get('DRAIN_SECONDS')) + 10);
  });

  it('sets only what is a setting', () => {
    const names = unitValue('Environment')
      .split(' ')
      .map((pair) => pair.split('=')[0] ?? '');
    expect(names.filter((name) => name !== 'NODE_ENV' && !settings.has(name))).toEqual([]);
  });

  it.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)('is hardened, as systemd itself judges', () => {
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', UNIT], { encoding: 'utf8' });
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    expect(exposure).toBeLessThan(2);
  });
});

interface Service {
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly stop_grace_period?: string;
}

describe.each(['docker/compose.yaml', 'docker/compose.drachtio.yaml'])('%s', (file) => {
  const { services, volumes } = parse(readFileSync(file, 'utf8')) as {
    services: Record<string, Service>;
    volumes: object;
  };
  const { bridge } = services;

  it('sets only what is a setting, and waits for running calls', () => {
    expect(Object.keys(bridge?.environment ?? {}).filter((name) => !settings.has(name))).toEqual([]);
    expect(Number.parseInt(bridge?.stop_grace_period ?? '', 10)).toBeGreaterThan(
      Number(settings.get('DRAIN_SECONDS')) + 10,
    );
    expect(existsSync(bridge?.build?.dockerfile ?? '')).toBe(true);
  });

  it('mounts files and volumes that there are', () => {
    for (const mount of Object.values(services).flatMap((each) => each.volumes ?? [])) {
      const [source = ''] = mount.split(':');
      const isThere = source.startsWith('..')
        ? source.endsWith('account.yaml') || existsSync(source.slice(3))
        : source in volumes;
      expect([mount, isThere]).toEqual([mount, true]);
    }
  });
});

describe('docker/Dockerfile', () => {
  const text = readFileSync('docker/Dockerfile', 'utf8');

  it('copies what is there and is let in by .dockerignore', () => {
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
    const sources = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
    for (const source of sources) {
      expect([source, existsSync(source)]).toEqual([source, true]);
      expect(ignored).toContain(`!${source}`);
    }
    expect(sources).toEqual(expect.arrayContaining(['package.json', 'bin', 'src', 'sip/engine', 'scripts/node24.mjs']));
  });

  it('runs as nobody in particular, on the Node that is needed, with settings that exist', () => {
    expect(text).toMatch(/^USER bridge$/m);
    expect([...text.matchAll(/^FROM node:(\d+)/gm)].map(([, major]) => Number(major))).toEqual([24, 24]);
    const names = [...(/^ENV ([\s\S]*?[^\\])\n/m.exec(text)?.[1] ?? '').matchAll(/(\w+)=/g)].map(
      ([, name = '']) => name,
    );
    expect(names.filter((name) => name !== 'NODE_ENV' && !settings.has(name))).toEqual([]);
    expect(text).toContain(`HTTP_PORT ?? ${settings.get('HTTP_PORT')}`);
  });
});

describe('sip/drachtio.conf.xml', () => {
  const text = readFileSync('sip/drachtio.conf.xml', 'utf8');

  it('is well-formed, listens for the bridge on loopback only, and carries no secret', () => {
    const open: string[] = [];
    for (const [, close, name = '', empty] of text
      .replace(/<!--[\s\S]*?-->/g, '')
      .matchAll(/<(\/?)([\w-]+)[^>]*?(\/?)>/g)) {
      if (close === '/') expect(open.pop()).toBe(name);
      else if (empty !== '/') open.push(name);
    }
    expect(open).toEqual([]);
    expect(text).toMatch(/<admin port="9022" secret="set-DRACHTIO_SECRET-instead">127\.0\.0\.1<\/admin>/);
    expect([...text.matchAll(/<!--([\s\S]*?)-->/g)].filter(([, comment = '']) => comment.includes('--'))).toEqual([]);
  });
});
