import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig } from '../support/bridge-rig.ts';
import { connectCall } from '../support/bridged-call.ts';

interface Traced {
  readonly direction: string;
  readonly peer: string;
  readonly sipCallId: string;
  readonly message: string;
}

let rig: BridgeRig;
const traced: Traced[] = [];

beforeEach(async () => {
  traced.length = 0;
  rig = await BridgeRig.open({
    secretHeaders: ['X-PH-RetreaverKey'],
    log: (_level, message, fields) => {
      if (message === 'sip message') traced.push(fields as unknown as Traced);
    },
  });
});

afterEach(() => rig.close());

const firstLines = (): string[] =>
  traced.map(
    ({ direction, message }) =>
      `${direction} ${message.split(' ')[0] === 'SIP/2.0' ? message.split(' ')[1] : message.split(' ')[0]}`,
  );

const headers = { 'X-PH-RetreaverUUID': 'the-uuid', 'X-PH-RetreaverKey': 'the-key' };

describe('trace of a call', () => {
  it('shows all messages of the leg in which the text occurs, from the message that has it, keys masked', async () => {
    rig.engine.trace('the-uuid');
    const { aliceCall } = await connectCall(rig, { headers });
    aliceCall.request('BYE');
    await rig.bob.receive('BYE');
    expect(firstLines()).toEqual(['sent INVITE', 'received 200', 'sent ACK', 'sent BYE']);
    expect(traced[0]).toMatchObject({ peer: `udp/127.0.0.1:${rig.bob.port}` });
    expect(traced[0]?.message).toContain('X-PH-RetreaverUUID: the-uuid\r\n');
    expect(traced[0]?.message).toContain('X-PH-RetreaverKey: ***\r\n');
    expect(JSON.stringify(traced)).not.toContain('the-key');
  });

  it('follows both legs by a text that is in both', async () => {
    rig.engine.trace('alice');
    await connectCall(rig, { headers });
    expect(new Set(traced.map(({ sipCallId }) => sipCallId)).size).toBe(2);
  });

  it('costs and logs nothing unless asked for, nor after it was ended', async () => {
    rig.engine.trace('alice');
    rig.engine.trace(undefined);
    await connectCall(rig, { headers });
    expect(traced).toEqual([]);
  });
});
