import { setTimeout as sleep } from 'node:timers/promises';
import { pick, type Random } from '../support/seeded-random.ts';
import type { SeenCall } from './seen-call.ts';

/** Longer than the windows of the account: some sales come late. */
const LATEST_MS = 1_800;
/** What a sale of buyer B is worth, as its account has it. */
export const TRIGGER_REVENUE = '50.00';
const RETRY_MS = 60;
const ANSWER_LIMIT_MS = 2_000;

interface Body {
  readonly status?: string;
}

/** Posts sales and tags as buyers' systems do: a request that is not answered 200 is sent again until it is. */
export class Poster {
  readonly #http: string;
  readonly #random: Random;
  readonly #underWay = new Set<Promise<void>>();
  /** Answers that are none of those a buyer may get from a service that is there. */
  readonly wrongAnswers: string[] = [];
  acknowledged = 0;
  #sent = 0;
  #isStopped = false;

  constructor(http: string, random: Random) {
    this.#http = http;
    this.#random = random;
  }

  /** One to three requests about this call, now or later, one after the other. */
  sell(call: SeenCall): void {
    const work = this.#sell(call).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  /** Resolves when everything begun has been acknowledged. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #sell(call: SeenCall): Promise<void> {
    await sleep(this.#random() * LATEST_MS);
    const requests = pick(this.#random, [1, 1, 2, 3]);
    for (let each = 0; each < requests && !this.#isStopped; each += 1) {
      if (this.#random() < 0.2) await this.#post(call, 'add_tags', { product: pick(this.#random, ['auto', 'home']) });
      else await this.#post(call, 'set_value', this.#sale(call));
      await sleep(this.#random() * 200);
    }
  }

  #sale(call: SeenCall): Record<string, string> {
    if (call.buyer === 'B') return { sale: 'true' };
    return { revenue: (1 + Math.floor(this.#random() * 5_000) / 100).toFixed(2) };
  }

  async #post(call: SeenCall, method: 'set_value' | 'add_tags', parameters: Record<string, string>): Promise<void> {
    this.#sent += 1;
    const ref = `r${this.#sent}`;
    const query = new URLSearchParams({ key: call.key, ref, ...parameters });
    const revenue = parameters['sale'] === undefined ? parameters['revenue'] : TRIGGER_REVENUE;
    while (!this.#isStopped) {
      const answer = await this.#ask(`${this.#http}/calls/${call.uuid}/${method}?${query}`);
      if (answer?.code === 200) {
        call.acknowledged.push({ ref, status: answer.body.status ?? '', revenue });
        this.acknowledged += 1;
        return;
      }
      if (answer !== undefined && answer.code !== 503) {
        this.wrongAnswers.push(`${answer.code} to ${method} of ${call.uuid}: ${JSON.stringify(answer.body)}`);
        return;
      }
      await sleep(RETRY_MS);
    }
  }

  /** Undefined: no answer. */
  async #ask(url: string): Promise<{ code: number; body: Body } | undefined> {
    try {
      const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
      return { code: response.status, body: (await response.json()) as Body };
    } catch {
      return undefined;
    }
  }
}
