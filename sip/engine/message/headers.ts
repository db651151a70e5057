import { canonicalName, knownName } from './header-names.ts';

interface Memo {
  readonly name: string;
  readonly text: string;
  readonly value: unknown;
}

/**
 * Header lines in wire order (RFC 3261 §7.3). Names are given in any letter case or compact form and kept in canonical
 * spelling; a name with several lines keeps them in order.
 */
export class Headers {
  #names: string[] = [];
  #values: string[] = [];
  #memos: Memo[] = [];

  static from(entries: Iterable<readonly [string, string]>): Headers {
    const headers = new Headers();
    for (const [name, value] of entries) headers.append(name, value);
    return headers;
  }

  get size(): number {
    return this.#names.length;
  }

  /** The first line's value. */
  get(name: string): string | undefined {
    return this.#values[this.#find(name, 0)];
  }

  getAll(name: string): string[] {
    const found: string[] = [];
    for (let at = this.#find(name, 0); at >= 0; at = this.#find(name, at + 1)) found.push(this.#values[at]!);
    return found;
  }

  has(name: string): boolean {
    return this.#find(name, 0) >= 0;
  }

  /** How many lines carry each of these canonical names, in the same order; one pass for all. */
  countEach(canonicals: readonly string[]): number[] {
    const counts = new Array<number>(canonicals.length).fill(0);
    for (const name of this.#names) {
      const at = canonicals.indexOf(name);
      if (at >= 0) counts[at]! += 1;
    }
    return counts;
  }

  /** Replaces all lines of that name by one, at the place of the first, or else at the end. */
  set(name: string, value: string): void {
    const first = this.#find(name, 0);
    if (first < 0) {
      this.append(name, value);
      return;
    }
    this.#names[first] = canonicalName(name);
    this.#values[first] = value;
    for (let at = this.#find(name, first + 1); at >= 0; at = this.#find(name, at)) this.#removeAt(at);
  }

  append(name: string, value: string): void {
    this.#names.push(canonicalName(name));
    this.#values.push(value);
  }

  /** `append` for a caller that knows the name to be canonical. */
  appendCanonical(canonical: string, value: string): void {
    this.#names.push(canonical);
    this.#values.push(value);
  }

  /** Puts the line above all others, as a Via must be (RFC 3261 §8.1.1.7). */
  prepend(name: string, value: string): void {
    this.#names.unshift(canonicalName(name));
    this.#values.unshift(value);
  }

  /** Appends all lines of that name from elsewhere. */
  appendFrom(other: Headers, name: string): void {
    for (let at = other.#find(name, 0); at >= 0; at = other.#find(name, at + 1)) {
      this.appendCanonical(other.#names[at]!, other.#values[at]!);
    }
  }

  remove(name: string): void {
    for (let at = this.#find(name, 0); at >= 0; at = this.#find(name, at)) this.#removeAt(at);
  }

  /** Changes the first line of that name, leaving the others; appends when there is none. */
  replaceFirst(name: string, value: string): void {
    const at = this.#find(name, 0);
    if (at < 0) this.append(name, value);
    else this.#values[at] = value;
  }

  removeFirst(name: string): void {
    const at = this.#find(name, 0);
    if (at >= 0) this.#removeAt(at);
  }

  /**
   * The first line of that name in structured form, parsed once per text and shared: treat it as read-only.
   * `parse` must be the same function for every call with one name.
   */
  parsed<T>(name: string, parse: (text: string) => T): T | undefined {
    const text = this.get(name);
    if (text === undefined) return undefined;
    for (const memo of this.#memos) if (memo.name === name && memo.text === text) return memo.value as T;
    const value = parse(text);
    this.#remember(name, text, value);
    return value;
  }

  /** As `replaceFirst`, for a caller that has the structured form at hand already. */
  replaceParsed(name: string, text: string, value: unknown): void {
    this.replaceFirst(name, text);
    this.#remember(name, text, value);
  }

  forEach(visit: (name: string, value: string) => void): void {
    for (let at = 0; at < this.#names.length; at += 1) visit(this.#names[at]!, this.#values[at]!);
  }

  *[Symbol.iterator](): Generator<[string, string]> {
    for (let at = 0; at < this.#names.length; at += 1) yield [this.#names[at]!, this.#values[at]!];
  }

  clone(): Headers {
    const copy = new Headers();
    copy.#names = this.#names.slice();
    copy.#values = this.#values.slice();
    copy.#memos = this.#memos.slice();
    return copy;
  }

  /** Index of the next line of that name, or -1. Names without a registered spelling are compared letter case aside. */
  #find(name: string, from: number): number {
    const known = knownName(name);
    if (known !== undefined) return this.#names.indexOf(known, from);
    const lower = name.toLowerCase();
    for (let at = from; at < this.#names.length; at += 1) {
      const each = this.#names[at]!;
      if (each.length === lower.length && each.toLowerCase() === lower) return at;
    }
    return -1;
  }

  #removeAt(at: number): void {
    this.#names.splice(at, 1);
    this.#values.splice(at, 1);
  }

  #remember(name: string, text: string, value: unknown): void {
    const memo: Memo = { name, text, value };
    const at = this.#memos.findIndex((each) => each.name === name);
    if (at < 0) this.#memos.push(memo);
    else this.#memos[at] = memo;
  }
}
