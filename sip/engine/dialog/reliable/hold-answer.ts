import type { SipResponse } from '../../message/message.ts';
import { serialize } from '../../message/serialize.ts';
import type { Core, IncomingRequest } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { abandonAnswered } from './abandon-invite.ts';
import type { ReliableProvisionals } from './reliable-provisionals.ts';

/**
 * Has the 2xx wait for the PRACK of a session description before it (RFC 3262 §3), and returns it as it will be sent.
 * Until then the peer may still end what the application takes for answered.
 */
export function holdAnswer(
  core: Core,
  incoming: IncomingRequest,
  dialog: Dialog,
  provisionals: ReliableProvisionals,
  held: { readonly response: SipResponse; send(): void },
): Buffer {
  const abandon = (why: string) =>
    abandonAnswered(core, incoming, dialog, { status: 487, reason: 'Request Terminated', why });
  dialog.peerInvite = {
    isOfferOpen: false,
    terminate: () => abandon('Call ended'),
    cancelledBy: () => abandon('Caller cancelled'),
  };
  provisionals.hold(() => {
    dialog.peerInvite = undefined;
    held.send();
  });
  return serialize(held.response);
}
