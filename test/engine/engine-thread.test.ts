import { once } from 'node:events';
import Srf from 'drachtio-srf';
import { describe, expect, it } from 'vitest';
import { type EngineThreadHandle, startEngineThread } from '../../sip/engine/index.ts';
import { disconnect } from './support/bridge-rig.ts';
import { Phone } from './support/phone.ts';

const options = {
  listen: [{ protocol: 'udp', address: '127.0.0.1', port: 0 }],
  control: { address: '127.0.0.1', port: 0 },
  secret: 'sesame',
} as const;

const exitOf = (engine: EngineThreadHandle) => new Promise<Error | undefined>((resolve) => engine.onExit(resolve));

describe('the engine in a thread of its own', () => {
  it('serves applications and phones, counts, and closes', async () => {
    const engine = await startEngineThread(options);
    const exit = exitOf(engine);
    const srf = new Srf();
    void srf.connect({ host: '127.0.0.1', port: engine.controlPort, secret: 'sesame' });
    await once(srf, 'connect');
    srf.use('options', (_req, res) => res.send(200));
    const phone = await Phone.open('alice');
    phone.newCall(engine.listeningPoints[0]!.port).request('OPTIONS');
    await phone.receive(200);
    expect(await engine.stats()).toMatchObject({ applications: 1, dialogs: 0, serverTransactions: 1 });
    disconnect(srf);
    phone.close();
    await engine.close();
    expect(await exit).toBeUndefined();
  });

  it('logs the messages of a call on request', async () => {
    const logged: unknown[] = [];
    const engine = await startEngineThread({
      ...options,
      log: (_level, message, fields) => logged.push([message, fields['direction']]),
    });
    engine.trace('alice');
    const phone = await Phone.open('alice');
    phone.newCall(engine.listeningPoints[0]!.port).request('OPTIONS');
    await phone.receive(503);
    await engine.stats();
    expect(logged).toEqual([
      ['sip message', 'received'],
      ['sip message', 'sent'],
    ]);
    phone.close();
    await engine.close();
  });

  it('says why it could not start', async () => {
    const first = await startEngineThread(options);
    const taken = { ...options, control: { address: '127.0.0.1', port: first.controlPort } };
    await expect(startEngineThread(taken)).rejects.toThrow(/EADDRINUSE/);
    await first.close();
  });
});
