import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { type BrowserContext, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpApp, type HttpAppDeps } from '../../src/http/create-http-app.ts';
import { API_OPERATIONS, findOperation } from '../../src/http/openapi/operations.ts';
import type { OpenApiDocument } from '../../src/http/openapi/types.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';

let service: MoneyService;
let document: OpenApiDocument;

beforeAll(async () => {
  service = await startMoneyService();
  document = (await service.send('/openapi.json')).body;
});
afterAll(() => service[Symbol.asyncDispose]());

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** What Express would serve, as `GET /calls/{uuid}`, without what is no business of the API's. */
function routed(): string[] {
  const deps = { log: { isLevelEnabled: () => false }, clock: { now: () => 0 } } as unknown as HttpAppDeps;
  const { stack } = createHttpApp(deps).router as unknown as { readonly stack: readonly Layer[] };
  const walk = (layers: readonly Layer[]): string[] =>
    layers.flatMap(({ route, handle }) => [
      ...(route === undefined
        ? []
        : Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`)),
      ...walk(handle.stack ?? []),
    ]);
  return walk(stack);
}

describe('the table of operations', () => {
  const open = ['/healthz', '/readyz', '/docs', '/openapi.json', '/postbacks/:token', '/postback-instructions/:token'];
  const named = (route: string) => route.replaceAll(/:(\w+)/g, '{$1}');

  it('has every route of the API, and none that is not there', () => {
    const routes = routed().filter((route) => !open.some((path) => route.endsWith(` ${path}`)));
    const expanded = routes.flatMap((route) =>
      route.includes('{.html}') ? [route.replace('{.html}', ''), route.replace('{.html}', '.html')] : [route],
    );
    const table = API_OPERATIONS.map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(expanded.map(named))].sort()).toEqual(table.sort());
  });

  it('tells what is fixed in a path from what changes', () => {
    expect(findOperation('GET', '/calls/export')?.path).toBe('/calls/export');
    expect(findOperation('GET', '/calls/0190')?.path).toBe('/calls/{uuid}');
    expect(findOperation('GET', '/CALLS/')?.path).toBe('/calls');
    expect(findOperation('PATCH', '/calls')).toBeUndefined();
  });
});

describe('GET /openapi.json', () => {
  it('is OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>);
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
  });

  it('gives every operation a name of its own, a scope and its parameters', () => {
    const all = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, operation })),
    );
    expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length);
    for (const { path, operation } of all) {
      const inPath = operation.parameters.filter((each) => each.in === 'path').map(({ name }) => name);
      expect(inPath, path).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });

  it('describes bodies by the schemas that check them', () => {
    const schema = document.paths['/api/v1/buyers']?.['post']?.requestBody?.content['application/json']?.schema;
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(schema?.['required']).toEqual(expect.arrayContaining(['id', 'name', 'destinations']));
    const correction = document.paths['/api/v1/calls/{uuid}/corrections']?.['post']?.requestBody;
    expect(correction?.content['application/json']?.schema['properties']).toMatchObject({
      expected_ledger_seq: { type: ['string', 'number'] },
    });
  });
});

describe('the documentation in a browser', () => {
  let folder: string;
  let browser: BrowserContext;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'browser-'));
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
    const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
    browser = await chromium.launchPersistentContext(folder, { executablePath, headless: true, args });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows every operation, finds by words, and its policy lets nothing else run', async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${service.url}/docs`);
    const operations = Object.values(document.paths).flatMap((methods) => Object.keys(methods)).length;
    expect(await page.locator('section > details').count()).toBe(operations);
    await page.locator('input').fill('hang-up');
    expect(await page.locator('section > details:visible').count()).toBe(1);
    await page.locator('section > details:visible > summary').click();
    expect(await page.locator('section > details:visible > pre').textContent()).toContain('/hang-up"');
    await page.locator('input').fill('no such thing');
    expect(await page.locator('.note').isVisible()).toBe(true);
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });

  it('opens what the address names, and fits a telephone', async () => {
    const page = await browser.newPage();
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${service.url}/docs#postBuyers`);
    expect(await page.locator('#postBuyers').getAttribute('open')).toBe('');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});
