import { once } from 'node:events';
import Srf from 'drachtio-srf';
import { type EngineHandle, type EngineOptions, startEngine } from '../../../sip/engine/index.ts';
import { systemClock } from '../../../sip/engine/transaction/clock.ts';
import type { ResolveTarget } from '../../../sip/engine/transport/resolve/resolver.ts';
import { Phone } from './phone.ts';

/** Timers a test can wait for: T1 of 40 ms makes 64·T1 about 2.5 s. A busy machine makes peers repeat themselves. */
export const quickTimers = { t1: 40, t2: 320, t4: 400 };

/** For tests that wait for no timer: nothing is sent twice because this machine was slow for a moment. */
const patientTimers = { t1: 400, t2: 800, t4: 800 };

/** The engine, a drachtio-srf application connected to it and two phones, all on loopback. */
export class BridgeRig {
  readonly engine: EngineHandle;
  readonly srf: Srf;
  readonly alice: Phone;
  readonly bob: Phone;
  readonly engineErrors: unknown[];
  readonly #extraApplications: Srf[] = [];
  readonly #extraPhones: Phone[] = [];

  static async open(options: Partial<EngineOptions> = {}, resolve?: ResolveTarget): Promise<BridgeRig> {
    const errors: unknown[] = [];
    const settings: EngineOptions = {
      listen: [{ protocol: 'udp', address: '127.0.0.1', port: 0 }],
      control: { address: '127.0.0.1', port: 0 },
      secret: 'sesame',
      timers: patientTimers,
      log: (level, message, fields) => {
        if (level === 'error') errors.push([message, fields]);
      },
      ...options,
    };
    const engine = await startEngine(settings, systemClock, resolve);
    const srf = await connect(engine);
    const [alice, bob] = await Promise.all([Phone.open('alice'), Phone.open('bob')]);
    return new BridgeRig(engine, srf, alice, bob, errors);
  }

  private constructor(engine: EngineHandle, srf: Srf, alice: Phone, bob: Phone, engineErrors: unknown[]) {
    this.engine = engine;
    this.srf = srf;
    this.alice = alice;
    this.bob = bob;
    this.engineErrors = engineErrors;
  }

  get port(): number {
    return this.engine.listeningPoints[0]!.port;
  }

  async anotherPhone(name: string): Promise<Phone> {
    return this.adopt(await Phone.open(name));
  }

  /** Closes the phone with the rig. */
  adopt(phone: Phone): Phone {
    this.#extraPhones.push(phone);
    return phone;
  }

  async anotherApplication(): Promise<Srf> {
    const srf = await connect(this.engine);
    this.#extraApplications.push(srf);
    return srf;
  }

  async close(): Promise<void> {
    for (const srf of [this.srf, ...this.#extraApplications]) disconnect(srf);
    for (const phone of [this.alice, this.bob, ...this.#extraPhones]) phone.close();
    await this.engine.close();
    if (this.engineErrors.length > 0) throw new AggregateError(this.engineErrors, 'the engine logged errors');
  }
}

export async function connect(engine: EngineHandle, secret = 'sesame'): Promise<Srf> {
  const srf = new Srf();
  srf.on('error', () => {});
  void srf.connect({ host: '127.0.0.1', port: engine.controlPort, secret });
  const [error] = await once(srf, 'connect');
  if (error) throw error;
  return srf;
}

/** Half-closes, as drachtio-srf does it. */
export function disconnect(srf: Srf): void {
  try {
    srf.disconnect();
  } catch {
    // Not connected any more.
  }
}

/** Polls until `holds`; for what no message announces, such as empty tables. */
export async function eventually(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 8000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`still not: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
