import { isDeepStrictEqual } from 'node:util';

/** Stands where a secret was. */
export const MASK = '[masked]';

const SECRET_FIELD = /password|secret|token|^key$/i;

export function isSecretField(name: string): boolean {
  return SECRET_FIELD.test(name);
}

/** Plain data with the values of all fields that are named like secrets masked, at any depth. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, isSecret(name, each) ? MASK : withoutSecrets(each)]),
  );
}

/** Only texts and numbers can be secrets: a list of tokens' names is none. */
function isSecret(name: string, value: unknown): boolean {
  return isSecretField(name) && (typeof value === 'string' || typeof value === 'number');
}

/**
 * What somebody sends back who has read it masked: where the mask still stands, `before` has the value. In a list that is only
 * believed of an element that is otherwise what it was: a password must not move to somebody else's address.
 */
export function withSecretsOf(before: unknown, after: unknown): unknown {
  if (after === MASK) return typeof before === 'string' || typeof before === 'number' ? before : MASK;
  if (Array.isArray(after)) return after.map((each) => sameElement(before, each) ?? each);
  if (!isObject(after)) return after;
  const old = isObject(before) ? before : {};
  return Object.fromEntries(Object.entries(after).map(([name, each]) => [name, withSecretsOf(old[name], each)]));
}

function sameElement(before: unknown, element: unknown): unknown {
  return Array.isArray(before) ? before.find((each) => isDeepStrictEqual(withoutSecrets(each), element)) : undefined;
}

/** A mask is left that stands for nothing known. */
export function hasMask(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasMask);
  return isObject(value) ? Object.values(value).some(hasMask) : value === MASK;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
