import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { addEngineMetrics } from '../../src/metrics/engine-metrics.ts';
import { ServiceMetrics } from '../../src/metrics/service-metrics.ts';
import { addWaitingMetrics } from '../../src/metrics/waiting-metrics.ts';

const ALERTS = 'deploy/prometheus/alerts.yml';

interface Rule {
  readonly alert: string;
  readonly expr: string;
}
const rules = (parse(readFileSync(ALERTS, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number };
  readonly targets: readonly { readonly expr: string }[];
}
const { panels } = JSON.parse(readFileSync('deploy/grafana/dashboard.json', 'utf8')) as { panels: Panel[] };
const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** Names of samples in an expression: ours, and those of every Node process. */
const samplesIn = (expr: string) => expr.match(/\b(bridge|nodejs|process)_[a-z0-9_]+\b/g) ?? [];

/** Every sample the service can show; a histogram is three. */
function knownSamples(): Set<string> {
  const { registry } = new ServiceMetrics(() => 0);
  addWaitingMetrics(registry, { countWaiting: () => Promise.reject(new Error('nobody asks')) }, () => 0);
  addEngineMetrics(registry, () => Promise.reject(new Error('nobody asks')));
  const names = (registry as Registry).getMetricsAsArray().map(({ name }) => name);
  return new Set(names.flatMap((name) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]));
}

it('dashboard and alerts ask for figures that there are', () => {
  const known = knownSamples();
  const asked = [...shown, ...rules.map(({ expr }) => expr)].flatMap(samplesIn);
  expect(new Set(asked).size).toBeGreaterThan(30);
  expect(asked.filter((name) => !known.has(name))).toEqual([]);
});

it('every figure of ours is on the dashboard, in an alert, or in the list of docs/operations.md', () => {
  const text = readFileSync('docs/operations.md', 'utf8');
  const ours = new ServiceMetrics(() => 0).registry
    .getMetricsAsArray()
    .filter(({ name }) => name.startsWith('bridge_'));
  expect(ours.map(({ name }) => name).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

it('docs/operations.md says what to do about each alert, and about none that is not there', () => {
  const text = readFileSync('docs/operations.md', 'utf8');
  const explained = [...text.matchAll(/^\| `(Bridge\w+)` \|/gm)].map(([, name]) => name);
  expect(explained).toEqual(rules.map(({ alert }) => alert));
});

it('no two panels of the dashboard lie on each other', () => {
  const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
  expect(new Set(places).size).toBe(panels.length);
});

it.skipIf(spawnSync('promtool', ['--version']).status !== 0)('promtool takes the alerts', () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', ALERTS], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`${rules.length} rules found`);
});
