import { randomUUID } from 'node:crypto';
import type { Account, Campaign, Webhook } from '../domain/account.ts';
import { type AnswerTags, answerTags } from '../domain/answer-tags.ts';
import { tagValues } from '../domain/tag-match.ts';
import type { CallRow, TagRow } from '../store/tables.ts';
import { MOST_ANSWER_BYTES, type Sender, type SendResult } from './http-sender.ts';
import { prepareRequest, type RequestSecrets } from './prepare-request.ts';
import { sampleCall } from './sample-call.ts';
import { goodSecrets, printableSecret, type SecretGeneration } from './signature.ts';
import { takeTokenSnapshot } from './token-snapshot.ts';

export interface TrialInput {
  readonly account: Account;
  readonly campaign: Campaign;
  readonly webhook: Webhook;
  readonly secret: SecretGeneration;
  /** Whose tokens are filled in; a sample's when missing. */
  readonly call?: { readonly call: CallRow; readonly tags: readonly TagRow[] } | undefined;
  /** False only shows the request. */
  readonly send: boolean;
}

/** The request as it goes out, the call key masked, and what came of it if it was sent. */
export interface Trial {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly result: SendResult | undefined;
  /** Of a webhook that is asked for data: the tags a call would have from this answer. */
  readonly told: AnswerTags | undefined;
}

/** Tries a webhook out, outside the outbox: nothing is stored, retried or counted (semantics §8). */
export class WebhookTrials {
  readonly #sender: Sender;
  readonly #secrets: RequestSecrets;
  readonly #now: () => number;

  constructor(sender: Sender, secrets: RequestSecrets, now: () => number) {
    this.#sender = sender;
    this.#secrets = secrets;
    this.#now = now;
  }

  /** Those good now, as a receiver's library takes them. */
  printedSecrets(webhookId: string, secret: SecretGeneration): string[] {
    return goodSecrets(this.#secrets.signingSecret, webhookId, secret, this.#now()).map(printableSecret);
  }

  /** Throws what makes the request impossible, e.g. a URL that is none once the tokens are in. */
  async run({ account, campaign, webhook, secret, call: real, send }: TrialInput): Promise<Trial> {
    const now = this.#now();
    const { call, tags } = real ?? sampleCall(campaign, now);
    const eventId = `test_${randomUUID()}`;
    const publisher = account.publishers.find(({ id }) => id === call.publisher_id);
    const buyer = account.buyers.find(({ id }) => id === call.buyer_id);
    const sources = { call, campaign, publisher, buyer, eventId, eventAt: now, currency: account.currency };
    const tokens = takeTokenSnapshot(sources, tagValues(tags));
    const { trigger } = webhook;
    const source = { callUuid: call.uuid, keyVersion: call.key_version, eventId, secret, tokens, trigger, webhook };
    const request = prepareRequest(source, this.#secrets, now);
    const limits = webhook.answer && { withinMs: webhook.answer.withinMs, keptBytes: MOST_ANSWER_BYTES };
    const result = send ? await this.#sender.send(request, limits) : undefined;
    const shown = (text: string) =>
      request.secretText === undefined ? text : text.replaceAll(request.secretText, '[call_key]');
    return {
      method: request.method,
      url: shown(request.url.href),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, shown(value)])),
      body: request.body === undefined ? undefined : shown(request.body),
      result: result && { ...result, ...(result.answer === undefined ? {} : { answer: shown(result.answer) }) },
      told: webhook.answer && result && answerTags(webhook.answer, result.answer ?? ''),
    };
  }
}
