import type { Parameter } from '../domain/posted-data.ts';
import { findCall } from '../store/call-rows.ts';
import { readConfiguration } from '../store/configuration.ts';
import { isPurged } from '../store/purged-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow } from '../store/tables.ts';
import { type PostbackAnswer, refused } from './postback-answer.ts';

/** A postback whose key belongs to its uuid. */
export interface PostbackInput {
  readonly uuid: string;
  readonly method: string;
  readonly sourceAddress: string;
  /** Decoded, in order, without `key`. */
  readonly parameters: readonly Parameter[];
  /** Version under which the key was found right; a key of another version than the call's is refused. */
  readonly keyVersion?: number | undefined;
  /** The partner's postback URL it came by. */
  readonly tokenId?: string | undefined;
  readonly now: number;
}

/** The call, or why the postback goes no further (semantics §3). */
export type Admission =
  | { readonly kind: 'call'; readonly call: CallRow }
  | { readonly kind: 'stranger'; readonly answer: PostbackAnswer }
  | { readonly kind: 'refused'; readonly call: CallRow; readonly answer: PostbackAnswer };

/** Finds the call. A stranger has no row the postback could be logged with. */
export async function admitPostback(context: OperationContext, input: PostbackInput): Promise<Admission> {
  const call = await findCall(context, input.uuid);
  if (call === undefined) return { kind: 'stranger', answer: await answerForUnknown(context, input.uuid) };
  if (input.keyVersion !== undefined && input.keyVersion !== call.key_version) {
    return { kind: 'refused', call, answer: refused(call.uuid, 403, 'the key is of another version than the call') };
  }
  const { campaigns } = await readConfiguration(context);
  if (campaigns.get(call.campaign_id)?.postOnly === true && input.method.toUpperCase() !== 'POST') {
    return { kind: 'refused', call, answer: refused(call.uuid, 405, 'this campaign takes postbacks by POST only') };
  }
  return { kind: 'call', call };
}

async function answerForUnknown(context: OperationContext, uuid: string): Promise<PostbackAnswer> {
  if (await isPurged(context, uuid)) return refused(uuid, 410, 'the call is past its retention and was removed');
  return refused(uuid, 403, 'there is no such call');
}
