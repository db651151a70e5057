import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AcceptanceCall, endedCall, SECOND, T0 } from '../support/acceptance-calls.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';

let service: MoneyService;
beforeAll(async () => {
  service = await startMoneyService({ trustedProxies: undefined });
});
afterAll(() => service[Symbol.asyncDispose]());

const GIVEN = { revenue: '7.50', payout: '5', reason: 'agreed by telephone', person: 'maria' };

function send(path: string, body: object, headers: Record<string, string> = {}) {
  const init = {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  };
  return service.send(`/api/v1/calls/${path}`, init);
}

const correct = (call: AcceptanceCall, changes: object = {}) =>
  send(`${call.uuid}/corrections`, { ...GIVEN, expected_ledger_seq: 1, ...changes });

async function converted(): Promise<AcceptanceCall> {
  const call = await endedCall(service.store, { buyer: 'A' });
  await service.postback(call.uuid, 'revenue=10.00');
  return call;
}

describe('corrections by hand (semantics §1, §3)', () => {
  it('a further ledger row with who and why, and `conversion_updated`', async () => {
    const call = await converted();
    const reply = await correct(call);
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({ status: 'converted', revenue: '7.50', payout: '5.00', ledger_seq: 2 });
    const { body } = await service.send(`/api/v1/calls/${call.uuid}`);
    expect(body.ledger).toMatchObject([
      { seq: 1, kind: 'conversion', actor: 'postback', revenue: '10.00', payout: '8.00', corrects_seq: null },
      {
        seq: 2,
        kind: 'correction',
        actor: 'operator',
        person: 'maria',
        note: GIVEN.reason,
        revenue: '7.50',
        corrects_seq: 1,
      },
    ]);
    expect(body.ledger[0].explanation).toContain('10.00 * 0.8 = 8');
    expect(await call.fired()).toEqual(['ended T0+10', 'converted T0+10', 'conversion_updated T0+10']);
  });

  it('to nothing: the conversion stays one, worth 0.00', async () => {
    const call = await converted();
    expect((await correct(call, { revenue: '0', payout: '0' })).body).toMatchObject({
      status: 'converted',
      revenue: '0.00',
    });
    expect(await call.money()).toBe('converted 0.00/0.00');
  });

  it('only on top of the row the person has seen: of two at once one is refused', async () => {
    const call = await converted();
    const replies = await Promise.all([correct(call, { revenue: '1' }), correct(call, { revenue: '2' })]);
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(replies.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'ledger_moved' });
    expect((await call.record()).ledger).toHaveLength(2);
  });

  it('has the last word: a retry of the buyer does not undo it', async () => {
    const call = await converted();
    await correct(call);
    expect((await service.postback(call.uuid, 'revenue=10.00')).body).toMatchObject({
      status: 'unchanged',
      revenue: '7.50',
    });
    expect((await service.postback(call.uuid, 'revenue=11')).body).toMatchObject({
      status: 'recorded',
      reason: expect.stringContaining('operator'),
    });
    expect(await call.money()).toBe('converted 7.50/5.00');
    expect((await correct(call, { revenue: '11', expected_ledger_seq: 2 })).status).toBe(201);
  });

  it('converts a call that was not converted, late, with the `converted` webhook alone', async () => {
    const call = await endedCall(service.store, { buyer: 'A' });
    await service.store.expireWindows({ now: T0 + 600 * SECOND, limit: 1000 });
    service.clock.at = T0 + 700 * SECOND;
    expect((await correct(call, { expected_ledger_seq: 0 })).body).toMatchObject({ status: 'converted', late: true });
    expect(await call.fired()).toEqual(['ended T0+600', 'not_converted T0+600', 'converted T0+700']);
    expect((await call.record()).ledger).toMatchObject([
      { seq: 1, kind: 'conversion', actor: 'operator', corrects_seq: null },
    ]);
    service.clock.at = T0 + 10 * SECOND;
  });

  it('decides a running window: the sweep finds nothing, held webhooks go out once', async () => {
    const call = await endedCall(service.store, { buyer: 'A' });
    expect((await correct(call, { expected_ledger_seq: 0 })).body).toMatchObject({ status: 'converted', late: false });
    await service.store.expireWindows({ now: T0 + 900 * SECOND, limit: 1000 });
    expect(await call.fired()).toEqual(['ended T0+10', 'converted T0+10']);
  });

  it('converts a call that fitted no group; its postbacks are kept', async () => {
    await service.configure({ conversionGroups: [] });
    const call = await endedCall(service.store, { buyer: 'A' });
    expect((await correct(call, { expected_ledger_seq: 0 })).status).toBe(201);
    expect((await service.postback(call.uuid, 'revenue=10')).body).toMatchObject({
      status: 'recorded',
      revenue: '7.50',
    });
    await service.configure();
  });

  it.each([
    ['money that is there already', { revenue: '10', payout: '8' }, 409, 'money_unchanged'],
    ['another row than the last', { expected_ledger_seq: 0 }, 409, 'ledger_moved'],
    ['no expected row', { expected_ledger_seq: undefined }, 422, 'fields_invalid'],
    ['no reason', { reason: ' ' }, 422, 'fields_invalid'],
    ['nobody', { person: '' }, 422, 'fields_invalid'],
    ['negative money', { payout: '-1' }, 422, 'fields_invalid'],
    ['an exponent', { revenue: 1e21 }, 422, 'fields_invalid'],
    ['an unknown field', { revenu: '1' }, 422, 'fields_invalid'],
  ])('refused with %s, nothing changed', async (_, changes, status, code) => {
    const call = await converted();
    const before = await call.record();
    expect(await correct(call, changes)).toMatchObject({ status, body: { code } });
    expect(await call.record()).toEqual(before);
  });

  it('refused for a running call, one nobody answered, and one there is not', async () => {
    const running = await new AcceptanceCall(service.store, { buyer: 'A' }).connect();
    expect((await correct(running, { expected_ledger_seq: 0 })).body.code).toBe('call_running');
    const unanswered = new AcceptanceCall(service.store, { buyer: 'A' });
    await unanswered.begin();
    const outcome = { result: 'busy', fault: 'buyer', reason: 'busy' } as const;
    await service.store.endCall({ callUuid: unanswered.uuid, hungUpBy: 'system', sipStatus: 486, outcome, now: T0 });
    expect((await correct(unanswered, { expected_ledger_seq: 0 })).body.code).toBe('call_not_billable');
    const stranger = new AcceptanceCall(service.store, { buyer: 'A' });
    expect((await correct(stranger)).status).toBe(404);
    expect((await send('x/corrections', GIVEN)).status).toBe(404);
  });

  it('refused as a form, which any web page could send, and without the operator token', async () => {
    const call = await converted();
    const form = new URLSearchParams({ ...GIVEN, expected_ledger_seq: '1' });
    expect((await service.send(`/api/v1/calls/${call.uuid}/corrections`, { method: 'POST', body: form })).status).toBe(
      415,
    );
    await using locked = await startMoneyService({ operatorToken: 'the operator token' });
    const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
    expect((await locked.send(`/api/v1/calls/${call.uuid}/corrections`, init)).status).toBe(401);
    expect((await locked.send(`/api/v1/calls/${call.uuid}/disputes`, init)).status).toBe(401);
  });
});

describe('disputes', () => {
  it('are rows of the ledger that move no money and fire nothing; a later correction refers to the money row', async () => {
    const call = await converted();
    const before = await call.fired();
    const reply = await send(`${call.uuid}/disputes`, { note: 'the customer cancelled', person: 'buyer A' });
    expect(reply).toMatchObject({ status: 201, body: { revenue: '10.00', payout: '8.00', ledger_seq: 2 } });
    expect(await call.fired()).toEqual(before);
    expect((await service.postback(call.uuid, 'revenue=10')).body.status).toBe('unchanged');
    expect((await service.postback(call.uuid, 'revenue=9')).body.status).toBe('corrected');
    expect((await call.record()).ledger.map(({ kind, corrects_seq }) => [kind, corrects_seq])).toEqual([
      ['conversion', null],
      ['dispute', null],
      ['correction', 1],
    ]);
  });

  it('of a call that was not converted leave it so, also for the rule against duplicates', async () => {
    const caller = '+14155558888';
    const first = await endedCall(service.store, { buyer: 'A', caller });
    await service.store.expireWindows({ now: T0 + 600 * SECOND, limit: 1000 });
    expect((await send(`${first.uuid}/disputes`, { note: 'why?', person: 'radio' })).status).toBe(201);
    const group = { id: 'group-1', name: 'G', kind: 'posted_revenue', matches: [], dedupeSeconds: 3600 } as const;
    const settings = { postbackTimeoutSeconds: 600, payoutModifier: '', zeroCounts: false };
    await service.configure({ conversionGroups: [{ ...group, ...settings }] });
    const second = await endedCall(service.store, { buyer: 'A', caller, endsAt: T0 + 60 * SECOND });
    expect((await service.postback(second.uuid, 'revenue=5')).body.status).toBe('converted');
    expect((await service.postback(first.uuid, 'revenue=5')).body.status).toBe('converted');
    await service.configure();
  });
});
