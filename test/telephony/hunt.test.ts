import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Buyer } from '../../src/domain/buyer.ts';
import type { Candidate, SkippedBuyer } from '../../src/domain/routing.ts';
import { Hunt } from '../../src/telephony/hunt.ts';
import type { ReserveLines } from '../../src/telephony/line-reservation.ts';
import { aBuyer, aDestination } from '../support/account-builders.ts';
import { ScriptedSip, turnsOver } from '../support/scripted-sip.ts';

const capped = (id: string) => aBuyer(id, { caps: [{ per: 'concurrent', limit: 1, counts: 'connections' }] });
const uri = (id: string) => `sip:${id}@buyer.example`;
const candidate = (...buyers: Buyer[]): Candidate => ({ buyers, priority: 1, weight: 1 });

let sip: ScriptedSip;
let released: string[];
let skipped: SkippedBuyer[];
let reserve: ReturnType<typeof vi.fn<ReserveLines>>;
let hunt: Hunt;

beforeEach(() => {
  sip = new ScriptedSip();
  released = [];
  skipped = [];
  reserve = vi.fn<ReserveLines>();
  hunt = new Hunt({
    dialling: sip.dialling,
    reserve,
    release: (buyerId) => released.push(buyerId),
    skipped: (skips) => skipped.push(...skips),
    onProvisional: () => undefined,
  });
});

describe('lines of buyers (semantics §6)', () => {
  it('who has no caps is dialled at once, without a word to the store', () => {
    void hunt.run([candidate(aBuyer('A'))], undefined);
    return turnsOver().then(() => {
      expect(sip.invites).toHaveLength(1);
      expect(reserve).not.toHaveBeenCalled();
    });
  });

  it('who has caps is asked for together with those after it, up to one without', async () => {
    reserve.mockResolvedValueOnce({
      chosen: { index: 1, buyerIds: ['C'] },
      capReached: [
        { buyerId: 'A', detail: '1 of 1' },
        { buyerId: 'B', detail: '1 of 1' },
      ],
    });
    void hunt.run([candidate(capped('A')), candidate(capped('B'), capped('C')), candidate(aBuyer('D'))], undefined);
    await turnsOver();
    expect(reserve.mock.calls).toEqual([[[['A'], ['B', 'C'], ['D']]]]);
    expect(sip.invites.map(({ options }) => options.uri)).toEqual([uri('C')]);
    expect(skipped.map(({ buyerId, reason }) => `${buyerId} ${reason}`)).toEqual(['A cap_reached', 'B cap_reached']);
  });

  it('while the store is away nobody with caps is dialled, the others are', async () => {
    reserve.mockRejectedValue(new Error('away'));
    void hunt.run([candidate(capped('A')), candidate(capped('B'), aBuyer('C'))], undefined);
    await turnsOver();
    expect(sip.invites.map(({ options }) => options.uri)).toEqual([uri('C')]);
    expect(skipped.map(({ buyerId }) => buyerId)).toEqual(['A', 'B']);
  });

  it('a caller who leaves during the reservation: nobody is dialled', async () => {
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<ReserveLines>>>();
    reserve.mockReturnValueOnce(promise);
    const run = hunt.run([candidate(capped('A')), candidate(aBuyer('B'))], aDestination('sip:desk@here'));
    hunt.stop();
    resolve({ chosen: { index: 0, buyerIds: ['A'] }, capReached: [] });
    expect(await run).toBeUndefined();
    expect(sip.invites).toEqual([]);
  });

  it('a line is free when the INVITE has its final response, not when we stopped waiting for it', async () => {
    void hunt.run([candidate(aBuyer('A', { ringTimeoutSeconds: 0.01 })), candidate(aBuyer('B'))], undefined);
    await turnsOver();
    sip.to(uri('A')).leaves();
    await vi.waitFor(() => expect(sip.invites).toHaveLength(2));
    expect(hunt.lingering).toEqual(['A']);
    expect(released).toEqual([]);
    sip.to(uri('A')).isRefused(487);
    await turnsOver();
    expect(released).toEqual(['A']);
    expect(hunt.lingering).toEqual([]);
  });

  it('nor before the BYE to a 2xx that crossed the CANCEL is answered', async () => {
    const run = hunt.run([candidate(aBuyer('A'))], undefined);
    await turnsOver();
    hunt.stop();
    await run;
    sip.to(uri('A')).answered();
    await turnsOver();
    expect(released).toEqual([]);
    sip.to(uri('A')).answerBye?.();
    await turnsOver();
    expect(released).toEqual(['A']);
  });

  it('of the buyer who answered stays taken', async () => {
    const run = hunt.run([candidate(aBuyer('A'))], undefined);
    await turnsOver();
    sip.to(uri('A')).answered();
    expect(await run).toMatchObject({ buyer: { id: 'A' }, result: { kind: 'answered' } });
    await turnsOver();
    expect(released).toEqual([]);
    expect(hunt.lingering).toEqual([]);
  });

  it('of a buyer with nothing to dial is given back', async () => {
    sip.skippedUris.add(uri('A'));
    expect(await hunt.run([candidate(aBuyer('A'))], undefined)).toBeUndefined();
    await turnsOver();
    expect(released).toEqual(['A']);
  });
});

describe('buyers who ring at the same time', () => {
  it('two 2xx in one turn: the first wins, the second is hung up and its line freed after that', async () => {
    const run = hunt.run([candidate(aBuyer('A'), aBuyer('B'))], undefined);
    await turnsOver();
    sip.to(uri('B')).answered();
    sip.to(uri('A')).answered();
    expect(await run).toMatchObject({ buyer: { id: 'B' } });
    await turnsOver();
    expect(sip.failures).toEqual(['1: 487 answered elsewhere']);
    expect(released).toEqual([]);
    sip.to(uri('A')).answerBye?.();
    await turnsOver();
    expect(released).toEqual(['A']);
    expect(sip.to(uri('B')).answerBye).toBeUndefined();
  });

  it('an INVITE that has not left when another answers is cancelled as soon as it does', async () => {
    const run = hunt.run([candidate(aBuyer('A'), aBuyer('B'))], undefined);
    await turnsOver();
    sip.to(uri('B')).leaves();
    sip.to(uri('B')).answered();
    await run;
    sip.to(uri('A')).leaves();
    expect(sip.to(uri('A')).cancelled?.headers?.['Reason']).toContain('Call completed elsewhere');
  });

  it('a member goes on to its next destination while the others ring', async () => {
    const two = aBuyer('A', { destinations: [aDestination('sip:a1@x'), aDestination('sip:a2@x')] });
    const run = hunt.run([candidate(two, aBuyer('B'))], undefined);
    await turnsOver();
    sip.to('sip:a1@x').isRefused(503);
    await turnsOver();
    sip.to('sip:a2@x').answered();
    expect(await run).toMatchObject({ buyer: { id: 'A' }, destination: 'sip:a2@x' });
  });

  it('all stop when the caller leaves, and no next destination is dialled', async () => {
    const two = aBuyer('A', { destinations: [aDestination('sip:a1@x'), aDestination('sip:a2@x')] });
    const run = hunt.run([candidate(two, aBuyer('B'))], undefined);
    await turnsOver();
    for (const invite of sip.invites) invite.leaves();
    hunt.stop();
    await run;
    expect(sip.invites).toHaveLength(2);
    for (const invite of sip.invites) expect(invite.cancelled).toEqual({});
  });
});
