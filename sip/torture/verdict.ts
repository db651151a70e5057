/** What the parser must have made of a message it takes; only what is named is checked. */
export interface Understood {
  readonly method?: string;
  readonly status?: number;
  readonly reason?: string;
  /** Of the Request-URI. */
  readonly scheme?: string;
  readonly user?: string;
  readonly host?: string;
  readonly port?: number;
  readonly uriParams?: readonly string[];
  readonly fromName?: string;
  readonly fromUri?: string;
  readonly fromTag?: string;
  readonly toName?: string;
  readonly toUri?: string;
  readonly toTag?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly maxForwards?: string;
  readonly subject?: string;
  /** `PROTOCOL host[:port]` of each Via. */
  readonly vias?: readonly string[];
  readonly viaCount?: number;
  readonly branch?: string;
  readonly received?: string;
  readonly contacts?: readonly string[];
  readonly routes?: readonly string[];
  readonly bodyLength?: number;
  /** Values by name, of headers not listed above. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What comes of a message sent to the engine over UDP, with an application that takes every method of RFC 3261 and its extensions. */
export type EngineVerdict =
  /** Handed to the application; an INVITE gets its 100 first. */
  | 'application'
  /** Neither answered nor handed on. */
  | 'nothing'
  /** Answered by the engine: status and reason. */
  | `${number} ${string}`;

export type ParserVerdict =
  | { readonly kind: 'accept'; readonly understood: Understood }
  /** Answered with this status and reason. */
  | { readonly kind: 'reject'; readonly status: number; readonly reason: string }
  /** Unreadable and not to be answered. */
  | { readonly kind: 'drop' };

export interface Verdict {
  /** The file is `<name>.dat`. */
  readonly name: string;
  readonly section: string;
  readonly parser: ParserVerdict;
  readonly engine: EngineVerdict;
  /** Why; begins with DEVIATION where the RFC advises something else. */
  readonly why: string;
}

type Title = readonly [name: string, section: string];

export const accept = (
  [name, section]: Title,
  engine: EngineVerdict,
  understood: Understood,
  why: string,
): Verdict => ({ name, section, parser: { kind: 'accept', understood }, engine, why });

export const reject = ([name, section]: Title, status: number, reason: string, why: string): Verdict => ({
  name,
  section,
  parser: { kind: 'reject', status, reason },
  engine: `${status} ${reason}`,
  why,
});

export const drop = ([name, section]: Title, why: string): Verdict => ({
  name,
  section,
  parser: { kind: 'drop' },
  engine: 'nothing',
  why,
});
