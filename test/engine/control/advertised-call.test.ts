import { describe, expect, it, onTestFinished } from 'vitest';
import type { EngineOptions } from '../../../sip/engine/index.ts';
import { BridgeRig } from '../support/bridge-rig.ts';
import { connectCall } from '../support/bridged-call.ts';

async function addressesIn(options: Partial<EngineOptions>): Promise<(string | undefined)[]> {
  const rig = await BridgeRig.open(options);
  onTestFinished(() => rig.close());
  const { invite, ok } = await connectCall(rig);
  const values = [invite.headers.get('Via'), invite.headers.get('Contact'), ok.headers.get('Contact')];
  return values.map((value) =>
    /(?:UDP |[:@])(\d+\.\d+\.\d+\.\d+:\d+)/.exec(value ?? '')?.[1]?.replace(`:${rig.port}`, ''),
  );
}

describe('the address both sides of a call are told, in Via and Contact', () => {
  const listen = [{ protocol: 'udp', address: '127.0.0.1', port: 0, advertisedAddress: '203.0.113.7' } as const];

  it('is the advertised one', async () => {
    expect(await addressesIn({ listen })).toEqual(['203.0.113.7', '203.0.113.7', '203.0.113.7']);
  });

  it('is the one they see on a local network', async () => {
    expect(await addressesIn({ listen, localNetworks: ['127.0.0.0/8'] })).toEqual(Array(3).fill('127.0.0.1'));
  });

  it('is the one they see of a wildcard', async () => {
    const wildcard = [{ protocol: 'udp', address: '0.0.0.0', port: 0 } as const];
    expect(await addressesIn({ listen: wildcard })).toEqual(Array(3).fill('127.0.0.1'));
  });
});
