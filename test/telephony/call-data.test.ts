import { describe, expect, it } from 'vitest';
import type { Webhook } from '../../src/domain/account.ts';
import { createLog } from '../../src/log.ts';
import { type AskForData, CallData, type CallDataParts } from '../../src/telephony/call-data.ts';

const webhook = { id: 'crm', trigger: 'start', answer: { tags: { a: 'a' }, withinMs: 3_000 } } as unknown as Webhook;

function dataOf(ask: AskForData, webhooks: Webhook[] = [webhook]) {
  const learned: string[] = [];
  const parts = {
    call: { campaign: { webhooks } } as unknown as CallDataParts['call'],
    uuid: 'u',
    ask,
    routing: { learn: (answers) => learned.push(...answers.map(({ webhookId }) => webhookId)) },
    record: { learned: () => undefined },
    log: createLog('silent'),
  } satisfies CallDataParts;
  return { data: new CallData(parts), learned };
}

describe('what a call waits for (semantics §8)', () => {
  it('is given up when the caller leaves', async () => {
    const { data, learned } = dataOf(() => new Promise(() => undefined));
    const asked = data.ask('start');
    data.stop();
    await asked;
    expect(learned).toEqual([]);
  });

  it('is nothing where no webhook of that trigger has an answer mapping', async () => {
    const never: AskForData = () => Promise.reject(new Error('asked'));
    await expect(dataOf(never, [{ ...webhook, answer: undefined }]).data.ask('start')).resolves.toBeUndefined();
    await expect(dataOf(never).data.ask('selected')).resolves.toBeUndefined();
  });

  it('does not stop the call when the question cannot be written down', async () => {
    const { data, learned } = dataOf(() => Promise.reject(new Error('disk full')));
    await expect(data.ask('start')).resolves.toBeUndefined();
    expect(learned).toEqual([]);
  });
});
