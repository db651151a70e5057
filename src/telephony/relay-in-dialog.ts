import { forwardInDialogRequests } from 'drachtio-fn-b2b-sugar';
import type { Logger } from '../log.ts';
import type { InviteResponse, SipDialog, SipRequest } from './srf.ts';

/** Methods carried across as they are; re-INVITE and UPDATE change the session and are answered by the other side. */
const FORWARDED = ['info', 'notify', 'message', 'options'] as const;

/** Headers that may cross a bridged call. Everything else stays on its leg: addresses, routes, credentials, X-PH-…. */
const CROSSING = new Set([
  'accept',
  'allow-events',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'date',
  'event',
  'expires',
  'info-package',
  'recv-info',
  'subscription-state',
]);

/** Carries requests inside a bridged call from either leg to the other (semantics §7). */
export function relayInDialog(uas: SipDialog, uac: SipDialog, log: Logger): void {
  uas.other = uac;
  uac.other = uas;
  for (const dialog of [uas, uac]) {
    for (const method of FORWARDED) dialog.on(method, keepCrossingHeaders);
    dialog.on('modify', (req, res) => relaySession(dialog, req, res, log));
    dialog.on('update', (req, res) => relaySession(dialog, req, res, log));
  }
  forwardInDialogRequests(uas, [...FORWARDED]);
}

/** Runs before the forwarder, which copies all headers it finds. */
function keepCrossingHeaders(req: SipRequest): void {
  for (const name of Object.keys(req.headers)) {
    if (!CROSSING.has(name.toLowerCase())) delete req.headers[name];
  }
}

/** A new session description: the other side decides; one without an offer gets the description it already has. */
function relaySession(dialog: SipDialog, req: SipRequest, res: InviteResponse, log: Logger): void {
  if (req.body === '') {
    res.send(200, undefined, req.method === 'INVITE' ? { body: dialog.local.sdp } : {});
    return;
  }
  // not dialog.modify(): after one refusal it waits for ever (drachtio-srf 5.0.29)
  dialog.other
    .request({
      method: req.method,
      body: req.body,
      headers: { 'Content-Type': req.get('content-type') ?? 'application/sdp' },
    })
    .then((answer) => {
      if (answer.status < 300) {
        dialog.other.local.sdp = req.body;
        dialog.local.sdp = answer.body;
      }
      res.send(answer.status, answer.reason, answer.body === '' ? {} : { body: answer.body });
    })
    .catch((err: unknown) => {
      log.warn({ err, sipMethod: req.method }, 'session change not carried across');
      res.send(500);
    });
}
