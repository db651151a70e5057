import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig, connect, disconnect, eventually } from '../support/bridge-rig.ts';
import type { Call } from '../support/phone.ts';

describe('several drachtio-srf applications', () => {
  let rig: BridgeRig;
  let other: Srf;
  /** Who got which call, by name. */
  let taken: string[];
  beforeEach(async () => {
    rig = await BridgeRig.open();
    other = await rig.anotherApplication();
    taken = [];
    serve('first', rig.srf);
    serve('second', other);
    await Promise.all([routed(rig.srf), routed(other)]);
  });
  afterEach(() => rig.close());

  /** Answers every call, and INFO in it with the name. */
  const serve = (name: string, srf: Srf) => {
    srf.invite(async (req, res) => {
      taken.push(name);
      const dialog = await srf.createUAS(req, res, { localSdp: rig.alice.sdp });
      dialog.on('info', (_info: Srf.SrfRequest, answer: Srf.SrfResponse) =>
        answer.send(200, { headers: { 'X-Name': name } }),
      );
    });
  };

  /** Resolves when the engine has done all the application asked for so far: the refusal of this comes after it. */
  const routed = (srf: Srf) =>
    new Promise<void>((resolve) => {
      const request = srf.request.bind(srf) as unknown as (uri: string, options: object, done: () => void) => void;
      request(`sip:127.0.0.1:${rig.port}`, { method: 'OPTIONS' }, resolve);
    });

  const connectedCall = async (): Promise<Call> => {
    const call = rig.alice.newCall(rig.port);
    call.sendInvite();
    call.ack(await rig.alice.receive(200));
    return call;
  };

  const askName = async (call: Call): Promise<string | undefined> => {
    call.request('INFO');
    return (await rig.alice.receive(200)).headers.get('X-Name');
  };

  it('take calls in turns, and each keeps the calls it has', async () => {
    const calls: Call[] = [];
    for (let n = 0; n < 6; n += 1) calls.push(await connectedCall());
    expect(taken.filter((name) => name === 'first')).toHaveLength(3);
    for (let n = 1; n < 6; n += 1) expect(taken[n]).not.toBe(taken[n - 1]);
    for (const [n, call] of calls.entries()) expect(await askName(call)).toBe(taken[n]);
  });

  it('lose only their own calls; the others get all new ones, and a new one joins the turns', async () => {
    const calls = [await connectedCall(), await connectedCall()];
    disconnect(rig.srf);
    const bye = await rig.alice.receive('BYE');
    rig.alice.reply(bye, 200, 'OK');
    const survivor = calls[taken.indexOf('second')]!;
    expect(bye.headers.get('Call-ID')).not.toBe(survivor.callId);
    expect(await askName(survivor)).toBe('second');
    taken.length = 0;
    for (let n = 0; n < 3; n += 1) await connectedCall();
    expect(taken).toEqual(['second', 'second', 'second']);

    const third = await connect(rig.engine);
    serve('third', third);
    await routed(third);
    taken.length = 0;
    for (let n = 0; n < 4; n += 1) await connectedCall();
    expect(taken.filter((name) => name === 'third')).toHaveLength(2);
    disconnect(third);
  });

  it('may stop taking calls and keep those they have', async () => {
    const calls = [await connectedCall(), await connectedCall()];
    const own = calls[taken.indexOf('first')]!;
    // The types of drachtio-srf do not know it.
    (rig.srf as unknown as { unregisterForMessages(method: string): void }).unregisterForMessages('invite');
    await routed(rig.srf);
    taken.length = 0;
    for (let n = 0; n < 3; n += 1) await connectedCall();
    expect(taken).toEqual(['second', 'second', 'second']);
    expect(await askName(own)).toBe('first');
  });

  it('may leave and come back any number of times while another is served', async () => {
    const call = await connectedCall();
    if (taken[0] === 'first') disconnect(other);
    else disconnect(rig.srf);
    for (let n = 0; n < 10; n += 1) {
      const visitor = await connect(rig.engine);
      visitor.invite(() => {});
      disconnect(visitor);
    }
    await eventually(() => rig.engine.stats().applications === 1);
    expect(await askName(call)).toBe(taken[0]);
  });
});
