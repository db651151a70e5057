import type { SipMessage } from '../../../sip/engine/message/message.ts';
import { parseMessage } from '../../../sip/engine/message/parse.ts';
import { stampSource } from '../../../sip/engine/transport/response-target.ts';
import type {
  ListeningPoint,
  SocketState,
  Target,
  Transport,
  TransportUser,
} from '../../../sip/engine/transport/transport.ts';
import { FakeTransport } from './fake-transport.ts';
import type { ManualClock } from './manual-clock.ts';

/** What becomes of a packet: one arrival, so many ms later, for each entry; none means lost. */
export type Fate = (packet: Packet) => readonly number[];

export interface Packet {
  readonly message: SipMessage;
  /** `192.0.2.1 INVITE 1`: sender, what it is, CSeq. */
  readonly label: string;
  /** How often this sender has sent the same before. */
  readonly repetition: number;
}

interface Underway {
  readonly arrivesAt: number;
  readonly order: number;
  readonly bytes: Buffer;
  readonly from: WireEnd;
  readonly to: WireEnd;
}

const TICK_MS = 5;

/** A UDP network between two hosts under a clock turned by hand: it loses, doubles, delays and overtakes as `fate` says. */
export class LossyWire {
  /** Everything that was sent, lost or not. */
  readonly log: string[] = [];
  readonly #clock: ManualClock;
  readonly #fate: Fate;
  readonly #ends = new Map<string, WireEnd>();
  readonly #sentBefore = new Map<string, number>();
  #underway: Underway[] = [];
  #count = 0;

  constructor(clock: ManualClock, fate: Fate) {
    this.#clock = clock;
    this.#fate = fate;
    clock.tickEvery(TICK_MS, () => this.#deliver());
  }

  get isEmpty(): boolean {
    return this.#underway.length === 0;
  }

  attach(address: string): WireEnd {
    const end = new WireEnd(this, address);
    this.#ends.set(address, end);
    return end;
  }

  carry(from: WireEnd, bytes: Buffer, address: string): void {
    const to = this.#ends.get(address);
    if (to === undefined) return;
    const packet = this.#packet(from, bytes);
    const delays = this.#fate(packet);
    const now = this.#clock.now();
    this.log.push(`${now} ${packet.label} → ${delays.map((delay) => now + delay).join(', ') || 'lost'}`);
    for (const delay of delays) {
      this.#count += 1;
      this.#underway.push({ arrivesAt: now + delay, order: this.#count, bytes: Buffer.from(bytes), from, to });
    }
  }

  #packet(from: WireEnd, bytes: Buffer): Packet {
    const message = parseMessage(bytes);
    const what = message.kind === 'request' ? message.method : `${message.status}`;
    const label = `${from.address} ${what} ${message.headers.get('CSeq')}`;
    const repetition = this.#sentBefore.get(label) ?? 0;
    this.#sentBefore.set(label, repetition + 1);
    return { message, label, repetition };
  }

  #deliver(): void {
    const now = this.#clock.now();
    const due = this.#underway.filter(({ arrivesAt }) => arrivesAt <= now);
    if (due.length === 0) return;
    this.#underway = this.#underway.filter(({ arrivesAt }) => arrivesAt > now);
    due.sort((a, b) => a.arrivesAt - b.arrivesAt || a.order - b.order);
    for (const { bytes, from, to } of due) to.receive(bytes, from.address);
  }
}

/** One host on the wire. */
export class WireEnd implements Transport {
  readonly address: string;
  readonly listeningPoints: readonly ListeningPoint[];
  readonly counters = new FakeTransport().counters;
  user: TransportUser | undefined;
  readonly #wire: LossyWire;

  constructor(wire: LossyWire, address: string) {
    this.#wire = wire;
    this.address = address;
    const point = { protocol: 'udp', address, port: 5060 } as const;
    this.listeningPoints = [{ ...point, advertisedAddress: address, advertisedPort: 5060 }];
  }

  listeningPointFor(): ListeningPoint | undefined {
    return this.listeningPoints[0];
  }

  send(bytes: Buffer, target: Target): void {
    this.#wire.carry(this, bytes, target.address);
  }

  receive(bytes: Buffer, remoteAddress: string): void {
    const message = parseMessage(bytes);
    const [localPort, remotePort] = [5060, 5060];
    const flow = { protocol: 'udp', localAddress: this.address, localPort, remoteAddress, remotePort } as const;
    if (message.kind === 'request') stampSource(message, flow);
    this.user?.onMessage(message, flow);
  }

  socketState(): SocketState {
    return { kernelDrops: 0, receiveQueueBytes: 0, receiveBufferBytes: undefined };
  }

  async reloadCertificates(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {}
}
