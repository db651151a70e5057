import type { CallRecord } from '../../calls/get-call.ts';
import { callOutcomeJson } from './call-json.ts';
import { attemptJson, tagJson } from './call-record-json.ts';
import { routingJson } from './routing-json.ts';

/** Of a call, what says why it went where it went. */
export function callRoutingJson({ call, tags, routing, attempts }: CallRecord) {
  return {
    call_uuid: call.uuid,
    ...callOutcomeJson(call),
    tags: tags.map(tagJson),
    routing: routingJson(routing),
    attempts: attempts.map(attemptJson),
  };
}
