import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeSettings } from '../../src/config.ts';

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
