export type PostbackKind = 'set_value' | 'add_tags';

export interface PostbackPath {
  readonly kind: PostbackKind;
  /** As it came; whether it is a UUID at all is not told to the sender. */
  readonly uuid: string;
}

const PATH = /^\/calls\/([^/]*)\/(set_value|add_tags)(?:\.json)?\/?$/;

/** `/calls/{uuid}/set_value` or `add_tags`, with `.json` or a trailing slash if they like (semantics §3). */
export function parsePostbackPath(path: string): PostbackPath | undefined {
  const [, uuid, kind] = PATH.exec(path) ?? [];
  return uuid === undefined ? undefined : { uuid, kind: kind as PostbackKind };
}

/** Path and query of a request target, untouched by any parser. */
export function splitTarget(target: string): { path: string; query: string } {
  const [beforeFragment = ''] = target.split('#', 1);
  const mark = beforeFragment.indexOf('?');
  if (mark < 0) return { path: beforeFragment, query: '' };
  return { path: beforeFragment.slice(0, mark), query: beforeFragment.slice(mark + 1) };
}
