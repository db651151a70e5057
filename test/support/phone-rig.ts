import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { SipRequest, SipResponse } from '../../sip/engine/message/message.ts';
import { Call, Phone } from '../engine/support/phone.ts';
import { NUMBER, type TestAccount, testAccount } from './account.ts';
import { type Bridge, type CallJson, startBridge } from './bridge.ts';
import { waitFor } from './wait-for.ts';

export interface PhoneRigOptions extends Omit<TestAccount, 'buyers' | 'campaignSettings'> {
  /** Each is reached at a phone of its name, unless others are given. */
  readonly buyers: readonly (string | { readonly id: string; readonly phones: readonly string[] })[];
  /** A phone that is no buyer's gets every call nobody took. */
  readonly lastResort?: string;
  readonly campaignSettings?: object;
  readonly settings?: Record<string, string>;
}

/** The real service between phones that do, message by message, what a test says. */
export class PhoneRig implements AsyncDisposable {
  readonly bridge: Bridge;
  readonly carrier: Phone;
  readonly #phones: ReadonlyMap<string, Phone>;
  #calls = 0;

  static async open({ buyers, lastResort, settings, campaignSettings, ...account }: PhoneRigOptions) {
    const carrier = await Phone.open('carrier');
    const reached = buyers.map((buyer) => (typeof buyer === 'string' ? { id: buyer, phones: [buyer] } : buyer));
    const phones = new Map<string, Phone>();
    const names = [...reached.flatMap((buyer) => buyer.phones), ...(lastResort === undefined ? [] : [lastResort])];
    for (const name of names) phones.set(name, await Phone.open(name.toLowerCase()));
    const uriOf = (name: string) => phones.get(name)?.uri ?? '';
    const uris = Object.fromEntries(reached.map((buyer) => [buyer.id, buyer.phones.map(uriOf)]));
    const last = lastResort === undefined ? {} : { last_resort: uriOf(lastResort) };
    const yaml = testAccount({ ...account, buyers: uris, campaignSettings: { ...campaignSettings, ...last } });
    return new PhoneRig(await startBridge(yaml, settings), carrier, phones);
  }

  private constructor(bridge: Bridge, carrier: Phone, phones: ReadonlyMap<string, Phone>) {
    this.bridge = bridge;
    this.carrier = carrier;
    this.#phones = phones;
  }

  get sipPort(): number {
    return Number(this.bridge.sip.split(':').at(-1));
  }

  /** The phone of this name: a buyer's, the last resort's. */
  buyer(id: string): Phone {
    const phone = this.#phones.get(id);
    if (phone === undefined) throw new Error(`no phone ${id} in this test`);
    return phone;
  }

  /** A call from a number of its own to our number; not sent yet. */
  newCall(callerNumber = `+1202555${String(1000 + this.#calls++)}`): Call {
    const call = this.carrier.newCall(this.sipPort);
    call.from = `<sip:${callerNumber}@127.0.0.1:${this.carrier.port}>;tag=${call.callId}`;
    call.to = `<sip:${NUMBER}@127.0.0.1:${this.sipPort}>`;
    call.target = `sip:${NUMBER}@127.0.0.1:${this.sipPort}`;
    return call;
  }

  /** The one call of this caller, when it is over. */
  async endedCall(call: Call): Promise<CallJson> {
    const callerNumber = /sip:([^@]+)@/.exec(call.from)?.[1];
    const row = await waitFor(`the call from ${callerNumber} to be over`, async () =>
      (await this.bridge.calls()).find((each) => each['caller_number'] === callerNumber && each['end_time'] !== null),
    );
    return this.bridge.call(row['call_uuid']);
  }

  /** What the engine holds at the moment. */
  async figures(): Promise<Record<string, number>> {
    const lines = () => this.bridge.log.filter(({ msg }) => msg === 'figures of the SIP engine');
    const before = lines().length;
    process.kill(this.bridge.pid, 'SIGUSR2');
    const line = await waitFor('the engine’s figures', () => lines()[before]);
    return line['stats'] as Record<string, number>;
  }

  /** Lines of buyers that calls hold. */
  holds(): { buyer_id: string; call_uuid: string }[] {
    const database = new Database(join(this.bridge.folder, 'data', 'bridge.sqlite'), { readonly: true });
    try {
      return database.prepare('select buyer_id, call_uuid from holds').all() as never;
    } finally {
      database.close();
    }
  }

  /** No leg, no unanswered INVITE, no line of a buyer is left. */
  async nothingLeft(): Promise<void> {
    await waitFor('the engine to hold no leg', async () => {
      const { dialogs, outgoing, incoming } = await this.figures();
      return dialogs === 0 && outgoing === 0 && incoming === 0 ? true : undefined;
    });
    await waitFor('all lines to be free', () => (this.holds().length === 0 ? true : undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bridge.stop();
    for (const phone of [this.carrier, ...this.#phones.values()]) phone.close();
  }
}

/** Rings, as a phone does. */
export async function rings(buyer: Phone): Promise<SipRequest> {
  const invite = await buyer.receive('INVITE');
  buyer.reply(invite, 180, 'Ringing');
  return invite;
}

/** Answers an INVITE; the dialog it makes. */
export function answers(buyer: Phone, invite: SipRequest, body = buyer.sdp): Call {
  return Call.answered(buyer, invite, buyer.reply(invite, 200, 'OK', { body }));
}

/** Gets the CANCEL and does as it says. */
export async function isCancelled(buyer: Phone, invite: SipRequest): Promise<SipRequest> {
  const cancel = await buyer.receive('CANCEL');
  buyer.reply(cancel, 200, 'OK');
  buyer.reply(invite, 487, 'Request Terminated');
  await buyer.receive('ACK');
  return cancel;
}

/** Gets the BYE and takes it. */
export async function isHungUp(phone: Phone): Promise<SipRequest> {
  const bye = await phone.receive('BYE');
  phone.reply(bye, 200, 'OK');
  return bye;
}

/** The caller's side of a call that is answered. */
export async function isAnswered(call: Call): Promise<SipResponse> {
  const answer = await call.phone.receive(200);
  call.ack(answer);
  return answer;
}

/** The caller's side of a call that is not. */
export async function isRefused(call: Call, status: number): Promise<SipResponse> {
  const refusal = await call.phone.receive(status);
  call.ackFailure(refusal);
  return refusal;
}

/** The caller cancels and hears 487, whatever the buyers do. */
export async function givesUp(call: Call): Promise<void> {
  call.cancel();
  await call.phone.receive(200);
  await isRefused(call, 487);
}

/** The caller hangs up. */
export async function hangsUp(call: Call): Promise<void> {
  call.request('BYE');
  await call.phone.receive(200);
}
