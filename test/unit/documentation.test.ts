import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseAccount } from '../../src/account/load-account.ts';
import { describeSettings } from '../../src/config.ts';
import type { Carrier } from '../../src/domain/carrier.ts';
import { parsePostbackPath } from '../../src/http/postback/postback-path.ts';

it('the settings table of the README is that of the code', () => {
  const rows = describeSettings().map(({ name, fallback, meaning }) => {
    const shown = fallback === '' ? '' : `\`${fallback}\``;
    return `| \`${name}\` | ${shown} | ${meaning} |`;
  });
  const table = ['| setting | default | what it does |', '|---|---|---|', ...rows].join('\n');
  const readme = readFileSync('README.md', 'utf8');
  const between = /<!-- settings:begin[^>]*-->\n([\s\S]*)\n<!-- settings:end -->/.exec(readme)?.[1];
  expect(between).toBe(table);
});

it('.env.example names only settings that exist', () => {
  const names = readFileSync('.env.example', 'utf8').matchAll(/^#? ?([A-Z_]+)=/gm);
  const known = describeSettings().map(({ name }) => name);
  for (const [, name] of names) expect(known).toContain(name);
});

describe('docs/carriers.md', () => {
  const text = readFileSync('docs/carriers.md', 'utf8');
  const examples = [...text.matchAll(/^```yaml\n(carriers:[\s\S]*?)^```/gm)].map(
    ([, yaml = '']) => parse(yaml) as object,
  );
  const rest = parse(readFileSync('account.example.yaml', 'utf8')) as object;
  const carriersOf = (example: object): readonly Carrier[] =>
    parseAccount(stringify({ ...rest, ...example }), 'docs/carriers.md').carriers;

  it('has only examples that can be used', () => {
    expect(examples.length).toBeGreaterThan(3);
    for (const example of examples) expect(carriersOf(example).length).toBeGreaterThan(0);
  });

  it('shows every setting of a carrier', () => {
    const shown = new Set(examples.flatMap((example) => carriersOf(example).flatMap(settingsOf)));
    const [example] = examples;
    const all = Object.keys(carriersOf(example ?? {})[0] ?? {});
    expect(all.filter((name) => !shown.has(name))).toEqual([]);
  });
});

/** What is set to something else than in a carrier with nothing but an address. */
function settingsOf(carrier: Carrier): string[] {
  const usual: Partial<Carrier> = {
    transports: ['udp', 'tcp', 'tls'],
    dialedNumberFrom: 'request_uri',
    callerNumberFrom: 'from',
  };
  const names = Object.keys(carrier) as (keyof Carrier)[];
  return names.filter((name) => JSON.stringify(carrier[name]) !== JSON.stringify(usual[name]));
}

it('docs/destinations.md has an example that can be used, with each kind of destination', () => {
  const yaml = /^```yaml\n(gateways:[\s\S]*?)^```/m.exec(readFileSync('docs/destinations.md', 'utf8'))?.[1] ?? '';
  const example = parse(yaml) as { buyers: object[] };
  const rest = parse(readFileSync('account.example.yaml', 'utf8')) as { buyers: { id: string }[] };
  const buyers = [...example.buyers, ...rest.buyers.filter(({ id }) => id !== 'acme')];
  const account = parseAccount(stringify({ ...rest, ...example, buyers }), 'docs/destinations.md');
  expect(account.gateways[0]).toMatchObject({ numberFormat: 'e164', healthCheckSeconds: 30, trusted: false });
  expect(account.buyers[0]?.destinations).toMatchObject([
    { kind: 'sip', login: undefined },
    { kind: 'sip', login: { username: 'bridge' }, headers: { 'X-Interest': '[interest]' } },
    { kind: 'number', gatewayId: 'pstn' },
  ]);
});

describe('docs/buyers.md', () => {
  const text = readFileSync('docs/buyers.md', 'utf8');

  it('names the headers as they are sent, in any case', () => {
    const named = [...text.matchAll(/x-ph-\w+/gi)].map(([name]) => name.toLowerCase());
    expect(new Set(named)).toEqual(new Set(['x-ph-retreaveruuid', 'x-ph-retreaverkey']));
  });

  it('posts to paths that the API has', () => {
    const paths = [...text.matchAll(/bridge\.example(\/calls\/[^\s?",]+)/g)].map(([, path = '']) =>
      path.replace(/\$\{?\w+\}?/, 'uuid'),
    );
    expect(paths.length).toBeGreaterThanOrEqual(3);
    for (const path of paths) expect([path, parsePostbackPath(path)?.kind]).toEqual([path, 'set_value']);
  });
});

it('links between the pages lead to pages that are there', () => {
  const pages = ['README.md', 'sip/README.md', ...readdirSync('docs').map((name) => `docs/${name}`)];
  for (const page of pages) {
    for (const [, target = ''] of readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^https?:/.test(target)) continue;
      expect([page, target, existsSync(join(dirname(page), target))]).toEqual([page, target, true]);
    }
  }
});
