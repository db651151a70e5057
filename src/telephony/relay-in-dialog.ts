import type { Logger } from '../log.ts';
import type { InviteResponse, SipDialog, SipRequest, SipResponse } from './srf.ts';

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

/** From now on each is the other's peer, whoever was before. */
export function link(one: SipDialog, other: SipDialog): void {
  one.other = other;
  other.other = one;
}

/** Carries requests of this leg to whoever is its peer at the time (semantics §7). */
export function relayInDialog(dialog: SipDialog, log: Logger): void {
  for (const method of FORWARDED) dialog.on(method, (req, res) => relay(dialog, req, res, log));
  dialog.on('modify', (req, res) => relaySession(dialog, req, res, log));
  dialog.on('update', (req, res) => relaySession(dialog, req, res, log));
}

function relay(dialog: SipDialog, req: SipRequest, res: InviteResponse, log: Logger): void {
  const headers = Object.fromEntries(Object.entries(req.headers).filter(([name]) => CROSSING.has(name.toLowerCase())));
  dialog.other
    .request({ method: req.method, body: req.body, headers })
    .then((answer) => {
      const type = answer.get('content-type');
      const content = type === undefined ? {} : { headers: { 'Content-Type': type }, body: answer.body };
      res.send(answer.status, answer.reason, content);
    })
    .catch((err: unknown) => notCarried(err, req, res, log));
}

/** A new session description: the other side decides; one without an offer gets the description it already has. */
function relaySession(dialog: SipDialog, req: SipRequest, res: InviteResponse, log: Logger): void {
  if (req.body === '') {
    res.send(200, undefined, req.method === 'INVITE' ? { body: dialog.local.sdp } : {});
    return;
  }
  const { other } = dialog;
  offer(other, req.method, req.body, req.get('content-type'))
    .then((answer) => {
      if (answer.status < 300) {
        dialog.remote.sdp = req.body;
        dialog.local.sdp = answer.body;
      }
      res.send(answer.status, answer.reason, answer.body === '' ? {} : { body: answer.body });
    })
    .catch((err: unknown) => notCarried(err, req, res, log));
}

/**
 * Offers a leg a new session description and remembers what was agreed. Not `dialog.modify()`: after one refusal it waits
 * for ever (drachtio-srf 5.0.29).
 */
export async function offer(
  dialog: SipDialog,
  method: string,
  sdp: string,
  contentType = 'application/sdp',
): Promise<SipResponse> {
  const answer = await dialog.request({ method, body: sdp, headers: { 'Content-Type': contentType } });
  if (answer.status < 300) {
    dialog.local.sdp = sdp;
    if (answer.body !== '') dialog.remote.sdp = answer.body;
  }
  return answer;
}

function notCarried(err: unknown, req: SipRequest, res: InviteResponse, log: Logger): void {
  log.warn({ err, sipMethod: req.method }, 'request not carried across');
  res.send(500);
}
