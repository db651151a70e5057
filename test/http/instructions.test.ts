import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TriggerGroup } from '../../src/domain/conversion-group.ts';
import { acceptanceAccount as acceptance, endedCall, TRIGGER } from '../support/acceptance-calls.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';

let service: MoneyService;
let token: { path: string; instructions_path: string; token: string };
beforeAll(async () => {
  service = await startMoneyService({ trustedProxies: undefined });
  const body = { campaign_id: 'auto', conversion_group_id: 'group-1', buyer_id: 'A', caller_within_days: 7 };
  const headers = { 'content-type': 'application/json' };
  token = (await service.send('/api/v1/postback-tokens', { method: 'POST', body: JSON.stringify(body), headers })).body;
});
afterAll(() => service[Symbol.asyncDispose]());

describe('postback instructions as JSON (semantics §5)', () => {
  it('each URL works when the placeholders are filled in', async () => {
    const { body } = await service.send(`${token.instructions_path}.json`);
    expect(body).toMatchObject({ methods: ['POST', 'GET', 'HEAD'], postback_timeout_seconds: 600, buyer: 'Buyer A' });
    expect(body.sip_headers.map(({ name }: { name: string }) => name)).toEqual([
      'X-PH-RetreaverUUID',
      'X-PH-RetreaverKey',
    ]);
    expect(body.examples).toHaveLength(3);
    for (const { url, method, curl } of body.examples) {
      const call = await endedCall(service.store, { buyer: 'A', caller: '+14155556001' });
      const filled = url
        .replace('CALL_UUID', call.uuid)
        .replace('CALL_KEY', service.keys.derive(call.uuid))
        .replace('CALLER_NUMBER', '14155556001');
      expect(curl).toContain(url);
      const reply = await fetch(filled, { method });
      expect([url, reply.status]).toEqual([url, 200]);
    }
  });

  it('operators have them for each group and partner, without a token; payouts are not in them', async () => {
    const group = '/api/v1/campaigns/auto/conversion-groups/group-2';
    const { body, text } = await service.send(`${group}/instructions?buyer=B`);
    expect(body.examples).toMatchObject([{ url: `${service.url}/calls/CALL_UUID/set_value?key=CALL_KEY&sale=true` }]);
    expect(text).not.toMatch(/\b30\b|payout/);
    expect((await service.send(`${group}/instructions.html?buyer=B`)).text).toContain('<!doctype html>');
    for (const path of [`${group}/instructions?buyer=X`, `${group.replace('2', '3')}/instructions?buyer=B`]) {
      expect((await service.send(path)).status).toBe(404);
    }
  });

  it('PUBLIC_URL stands in the URLs where it is set', async () => {
    await using behind = await startMoneyService({ publicUrl: 'https://bridge.example/', trustedProxies: undefined });
    const { body } = await behind.send('/api/v1/campaigns/auto/conversion-groups/group-1/instructions?buyer=A');
    expect(body.examples[0].url).toMatch(/^https:\/\/bridge\.example\/calls\//);
  });
});

describe('postback instructions as a page', () => {
  let folder: string;
  let browser: BrowserContext;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'browser-'));
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
    const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
    browser = await chromium.launchPersistentContext(folder, { executablePath, headless: true, args });
    await browser.grantPermissions(['clipboard-read', 'clipboard-write']);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows every URL, copies it at a click, and its policy lets nothing else run', async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${service.url}${token.instructions_path}`);
    expect(await page.title()).toBe('Reporting sales · Buyer A');
    const shown = await page.locator('pre').allTextContents();
    const { body } = await service.send(`${token.instructions_path}.json`);
    expect(shown).toEqual(body.examples.flatMap(({ url, curl }: { url: string; curl: string }) => [url, curl]));
    await page.locator('button').first().click();
    await page.locator('button', { hasText: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(body.examples[0].url);
    expect(await page.evaluate('getComputedStyle(document.querySelector("section")).borderRadius')).toBe('14px');
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });

  it('fits a telephone', async () => {
    const page = await browser.newPage();
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${service.url}${token.instructions_path}`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  it('names are text, whatever is written in them', async () => {
    const hostile = '<img src=x onerror="document.title=1">&"\'';
    const triggers = [{ text: hostile, mode: 'substring', revenue: '1', payout: '1' } as const];
    await using other = await startMoneyService({
      trustedProxies: undefined,
      account: () => {
        const [campaign] = [{ ...acceptance().campaigns[0]!, name: hostile }];
        return {
          ...acceptance(),
          campaigns: [{ ...campaign, conversionGroups: [{ ...(TRIGGER as TriggerGroup), name: hostile, triggers }] }],
        };
      },
    });
    const page = await browser.newPage();
    await page.goto(`${other.url}/api/v1/campaigns/auto/conversion-groups/group-2/instructions.html?buyer=B`);
    expect(await page.title()).toBe('Reporting sales · Buyer B');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('.eyebrow').textContent()).toBe(`${hostile} · ${hostile}`);
  });
});
