import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../src/log.ts';
import { DestinationHealth } from '../../src/telephony/destination-health.ts';
import { aBuyer, aCampaign, aDestination, aGateway, anAccount } from '../support/account-builders.ts';

const URI = 'sip:a@192.0.2.1';
const checked = aDestination(URI, { healthCheckSeconds: 10 });
const buyer = aBuyer('A', { destinations: [checked] });

let answers: Record<string, number | undefined>;
let asked: string[];
let health: DestinationHealth;

beforeEach(() => {
  vi.useFakeTimers();
  answers = {};
  asked = [];
  const ask = async (uri: string) => {
    asked.push(uri);
    return answers[uri];
  };
  health = new DestinationHealth({ ask, random: () => 0.5, log: createLog('silent') });
});
afterEach(() => {
  health.close();
  vi.useRealTimers();
});

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

describe('health of destinations (semantics §6)', () => {
  it('is believed until two checks in a row fail, and again at the first answer, whatever it is', async () => {
    health.useAccount(anAccount({ buyers: [buyer] }));
    expect(health.isReachable(buyer)).toBe(true);
    await seconds(6);
    expect([asked.length, health.isReachable(buyer)]).toEqual([1, true]);
    await seconds(10);
    expect([asked.length, health.isReachable(buyer)]).toEqual([2, false]);
    answers[URI] = 404;
    await seconds(21);
    expect(health.isReachable(buyer)).toBe(true);
  });

  it.each([408, 503])('%i says that nobody is there', async (status) => {
    answers[URI] = status;
    health.useAccount(anAccount({ buyers: [buyer] }));
    await seconds(16);
    expect(health.isHealthy(checked)).toBe(false);
  });

  it('asks ever more seldom while nobody answers, every five minutes at least', async () => {
    health.useAccount(anAccount({ buyers: [buyer] }));
    await seconds(3_600);
    const hour = asked.length;
    await seconds(3_600);
    expect(asked.length - hour).toBe(12);
  });

  it('asks once for buyers who share an address, not at all where nobody wants it', async () => {
    const other = aBuyer('B', { destinations: [checked, aDestination('sip:b@192.0.2.2')] });
    health.useAccount(anAccount({ buyers: [buyer, other] }));
    await seconds(16);
    expect(asked).toEqual([URI, URI]);
    expect([health.isReachable(buyer), health.isReachable(other)]).toEqual([false, true]);
  });

  it('what is known survives a change of the account; what is gone is asked no more', async () => {
    health.useAccount(anAccount({ buyers: [buyer] }));
    await seconds(16);
    health.useAccount(anAccount({ buyers: [{ ...buyer, name: 'New name' }] }));
    expect(health.isReachable(buyer)).toBe(false);
    health.useAccount(anAccount());
    await seconds(1_000);
    expect(asked).toHaveLength(2);
    expect(health.isReachable(buyer)).toBe(true);
  });

  it('a last resort is checked too', async () => {
    health.useAccount(anAccount({ campaigns: [aCampaign({ lastResort: checked })] }));
    await seconds(16);
    expect(health.isHealthy(checked)).toBe(false);
  });

  it('numbers are as healthy as their gateway', async () => {
    const gateway = aGateway('pstn', { uri: 'sip:gateway.example', healthCheckSeconds: 10 });
    health.useAccount(anAccount({ gateways: [gateway] }));
    await seconds(16);
    expect(health.isHealthy({ kind: 'number', number: '+15551234567', gatewayId: 'pstn' })).toBe(false);
  });
});
