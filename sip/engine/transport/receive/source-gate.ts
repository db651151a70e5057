import { BoundedCache } from '../../message/bounded-cache.ts';
import { networkMatcher } from '../address/local-networks.ts';

/** Who may begin something with us. */
export interface KnownSources {
  /** `203.0.113.0/24`, `2001:db8::7` … */
  readonly networks: readonly string[];
  /** What everybody else gets: an answer as anybody does, or nothing at all, as if nobody were here. */
  readonly others: 'answer' | 'ignore';
}

export type GateVerdict = 'pass' | 'scanner' | 'stranger';

/** As much of a message as is looked at: the first headers tell. */
const GLANCE_BYTES = 2_048;
/** Addresses we have sent something to lately, and verdicts on addresses. */
const REMEMBERED = 4_096;

/** How the tools that look for open telephone systems announce themselves; no telephone system has such a name. */
const SCANNER =
  /\n(?:user-agent|from|f|to|t)[ \t]*:[^\r\n]*(?:friendly-(?:scanner|request)|sipvicious|sip-?scan|sipcli|sundayddr|vaxs?ip(?:useragent)?|pplsip|iwar|sivus|siparmyknife|smap \d|gulp)/i;

/** With a To tag it claims to belong to a dialog. A folded line counts too (RFC 3261 §7.3.1). */
const TO_TAG = /\n(?:to|t)[ \t]*:(?:[^\r\n]|\r?\n[ \t])*;[ \t]*tag[ \t]*=/i;
const RESPONSE = Buffer.from('SIP/');

/** Keeps strangers' packets from costing us anything, before they are parsed. Without known sources everybody passes. */
export class SourceGate {
  #isInNetworks: ((address: string) => boolean) | undefined;
  #ignoresOthers = false;
  #verdicts = new BoundedCache<boolean>(REMEMBERED);
  readonly #contacts = new BoundedCache<true>(REMEMBERED);

  constructor(sources: KnownSources | undefined) {
    this.know(sources);
  }

  /** From now on these; throws a NetworkError for what is no network. */
  know(sources: KnownSources | undefined): void {
    this.#isInNetworks = sources === undefined ? undefined : networkMatcher(sources.networks);
    this.#ignoresOthers = sources?.others === 'ignore';
    this.#verdicts = new BoundedCache<boolean>(REMEMBERED);
  }

  judge(bytes: Buffer, address: string): GateVerdict {
    if (this.#isKnown(address)) return 'pass';
    if (bytes.length >= RESPONSE.length && bytes.compare(RESPONSE, 0, RESPONSE.length, 0, RESPONSE.length) === 0) {
      return 'pass';
    }
    const glance = bytes.toString('latin1', 0, GLANCE_BYTES);
    if (SCANNER.test(glance)) return 'scanner';
    if (!this.ignores(address) || /^\s*(?:ACK|CANCEL) /.test(glance) || TO_TAG.test(glance)) return 'pass';
    return 'stranger';
  }

  /** True if this address is to get no answer to anything it begins. Peers we talk to of our own accord are no strangers. */
  ignores(address: string): boolean {
    return this.#ignoresOthers && !this.#isKnown(address) && this.#contacts.get(address) === undefined;
  }

  noteSent(address: string): void {
    if (this.#ignoresOthers) this.#contacts.set(address, true);
  }

  #isKnown(address: string): boolean {
    if (this.#isInNetworks === undefined) return true;
    const remembered = this.#verdicts.get(address);
    if (remembered !== undefined) return remembered;
    const isKnown = this.#isInNetworks(address);
    this.#verdicts.set(address, isKnown);
    return isKnown;
  }
}
