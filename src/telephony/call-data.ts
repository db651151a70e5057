import { asksForData, type DataQuestion, type DataTrigger } from '../domain/answer-tags.ts';
import type { Buyer } from '../domain/buyer.ts';
import type { TracedAnswer } from '../domain/routing-trace.ts';
import type { Logger } from '../log.ts';
import type { Admitted } from './admit-invite.ts';
import type { CallRecord } from './call-record.ts';
import type { CallRouting } from './call-routing.ts';

/** Asks the campaign's webhooks; one answer for each that was asked, after `withinMs` at the latest. */
export type AskForData = (question: DataQuestion, withinMs: number) => Promise<readonly TracedAnswer[]>;

export interface CallDataParts {
  readonly call: Admitted;
  readonly uuid: string;
  readonly ask: AskForData;
  readonly routing: Pick<CallRouting, 'learn'>;
  readonly record: Pick<CallRecord, 'learned'>;
  readonly log: Logger;
}

/** What webhooks know of a call before somebody is dialled: tags for routing, SIP headers and later webhooks (semantics §8). */
export class CallData {
  readonly #parts: CallDataParts;
  readonly #stopped = Promise.withResolvers<readonly TracedAnswer[]>();

  constructor(parts: CallDataParts) {
    this.#parts = parts;
  }

  /** Holds the call as long as the slowest webhook of this trigger may take, not at all where there is none. Never rejects. */
  async ask(trigger: DataTrigger, buyer?: Buyer): Promise<void> {
    const { call, uuid, ask, routing, record, log } = this.#parts;
    const limits = call.campaign.webhooks.flatMap((each) => (asksForData(each, trigger) ? [each.answer.withinMs] : []));
    if (limits.length === 0) return;
    try {
      const asked = ask({ callUuid: uuid, trigger, buyerId: buyer?.id }, Math.max(...limits));
      const answers = await Promise.race([asked, this.#stopped.promise]);
      routing.learn(answers);
      record.learned(answers.flatMap(({ tags }) => tags));
      for (const { webhookId, elapsedMs, problem } of answers) {
        if (problem !== undefined)
          log.warn({ webhookId, trigger, elapsedMs, reason: problem }, 'webhook told too little');
      }
    } catch (err) {
      log.error({ err, trigger }, 'call goes on without asking webhooks for data');
    }
  }

  /** Nobody waits any more. */
  stop(): void {
    this.#stopped.resolve([]);
  }
}
