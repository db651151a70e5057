import { Router } from 'express';
import type { listSipMessages } from '../../calls/sip-messages.ts';
import { parseUuid } from '../../domain/ids.ts';
import type { Store } from '../../store/store.ts';
import { rfc3339 } from '../json/rfc3339.ts';
import { HttpProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';

export interface SipMessageRouteDeps {
  readonly store: Store<{ listSipMessages: typeof listSipMessages }>;
}

/** `/calls/{uuid}/sip-messages`: what went over the wire, both legs, where it is kept (SIP_MESSAGES_DAYS). */
export function sipMessageRoutes({ store }: SipMessageRouteDeps): Router {
  const router = Router();
  router.get('/calls/:uuid/sip-messages', async (req, res) => {
    const uuid = parseUuid(req.params.uuid);
    const found = uuid === undefined ? undefined : await store.listSipMessages({ uuid });
    if (found === undefined) throw new HttpProblem('call_unknown', 'There is no such call.');
    const { call, messages } = found;
    const shown = messages.map(({ at, direction, peer, sip_call_id, text }) => ({
      time: rfc3339(at),
      leg: sip_call_id === call.sip_call_id ? 'a' : 'b',
      direction,
      peer,
      sip_call_id,
      message: text,
    }));
    sendJson(res, 200, { call_uuid: uuid, messages: shown });
  });
  return router;
}
