import { InvalidArgumentError } from 'commander';
import type { CallTag } from '../domain/call-tag.ts';

/** Collects `--tag state=CA`, also `state:CA`. */
export function addTag(text: string, tags: readonly CallTag[] = []): CallTag[] {
  const [, name, value] = /^([^=:]+)[=:](.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write it like state=CA.');
  return [...tags, { name, value }];
}
