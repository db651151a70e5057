/** What a request may do; an API operation names one of them. */
export const SCOPES = [
  'calls:read',
  'live-calls:read',
  'calls:write',
  'postbacks:read',
  'sip:read',
  'reports:read',
  'account:read',
  'account:write',
  'webhooks:read',
  'webhooks:write',
  'secrets:read',
  'access:write',
  'changes:read',
  'metrics:read',
] as const;

export type Scope = (typeof SCOPES)[number];

export const ROLES = ['admin', 'operator', 'read_only', 'publisher'] as const;

export type Role = (typeof ROLES)[number];

/** What each role may do at most. `secrets:read` shows what signs webhooks and the postback URLs of partners. */
export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  admin: SCOPES,
  operator: SCOPES.filter((scope) => scope !== 'access:write'),
  read_only: [
    'calls:read',
    'live-calls:read',
    'postbacks:read',
    'sip:read',
    'reports:read',
    'account:read',
    'webhooks:read',
    'metrics:read',
  ],
  publisher: ['calls:read', 'reports:read'],
};

/** The name under which a token of the role `publisher` is granted the callers' numbers; other names are those of tags. */
export const CALLER_NUMBER_GRANT = 'caller_number';

/** A publisher who looks at its own calls. */
export interface PublisherView {
  readonly publisherId: string;
  /** Names of tags it may see. */
  readonly grants: readonly string[];
}

/** Who asks. */
export interface Principal {
  /** Nobody else's. */
  readonly id: string;
  /** For the log of changes; what an operator called a token is never mistaken for one of our own names. */
  readonly name: string;
  readonly role: Role;
  readonly scopes: ReadonlySet<Scope>;
  /** Only with the role `publisher`. */
  readonly publisher?: PublisherView | undefined;
}

/** Everything, for whoever holds the operator's own token or sits at the machine. */
export function adminNamed(name: string): Principal {
  return { id: name, name, role: 'admin', scopes: new Set(SCOPES) };
}
