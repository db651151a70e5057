import type { Application, ApplicationRouter } from '../dialog/application.ts';

/** Which applications want which methods; several take turns per method. */
export class RouteTable implements ApplicationRouter {
  readonly #applications = new Map<string, Application[]>();

  /** Verbs are methods in lower case; asking twice is asking once. */
  add(verb: string, application: Application): void {
    const key = verb.toLowerCase();
    const takers = this.#applications.get(key) ?? [];
    if (!takers.includes(application)) takers.push(application);
    this.#applications.set(key, takers);
  }

  remove(verb: string, application: Application): void {
    const key = verb.toLowerCase();
    const rest = this.#applications.get(key)?.filter((each) => each !== application) ?? [];
    if (rest.length > 0) this.#applications.set(key, rest);
    else this.#applications.delete(key);
  }

  removeAll(application: Application): void {
    for (const verb of [...this.#applications.keys()]) this.remove(verb, application);
  }

  applicationFor(method: string): Application | undefined {
    const takers = this.#applications.get(method.toLowerCase());
    if (takers === undefined || takers.length < 2) return takers?.[0];
    const next = takers.shift()!;
    takers.push(next);
    return next;
  }
}
