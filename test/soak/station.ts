import { once } from 'node:events';
import Srf from 'drachtio-srf';
import { type EngineHandle, startEngine } from '../../sip/engine/index.ts';
import type { TimerSettings } from '../../sip/engine/transaction/timer-settings.ts';
import { neverOverloaded, sleep } from './finding.ts';

/** An engine with an application of its own. */
export interface Station extends AsyncDisposable {
  readonly srf: Srf;
  readonly engine: EngineHandle;
  readonly port: number;
  readonly errors: unknown[];
}

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';

export async function openStation(address: string, timers: TimerSettings): Promise<Station> {
  const errors: unknown[] = [];
  const engine = await startEngine({
    listen: [{ protocol: 'udp', address, port: 0 }],
    control: { address: '127.0.0.1', port: 0 },
    secret: 'soak',
    timers,
    overloadLimits: neverOverloaded,
    log: (level, message, fields) => level === 'error' && errors.push(`${message} ${fields['err']}`),
  });
  const srf = new Srf();
  srf.on('error', () => {});
  void srf.connect({ host: '127.0.0.1', port: engine.controlPort, secret: 'soak' });
  await once(srf, 'connect');
  const close = async () => {
    srf.disconnect();
    await engine.close();
  };
  return { srf, engine, errors, port: engine.listeningPoints[0]!.port, [Symbol.asyncDispose]: close };
}

/** Rings, then answers most calls and hangs up some of them itself. */
export function answerCalls(srf: Srf, timers: TimerSettings, random: () => number): void {
  srf.invite(async (req, res) => {
    if (random() < 0.5) res.send(180);
    await sleep(random() * timers.t1 * 4);
    if (random() < 0.15) {
      res.send(486);
      return;
    }
    try {
      const dialog = await srf.createUAS(req, res, { localSdp: sdp });
      if (random() < 0.3) setTimeout(() => dialog.destroy({ headers: {} }, () => {}), random() * timers.t1 * 20);
    } catch {
      // Cancelled meanwhile.
    }
  });
}
