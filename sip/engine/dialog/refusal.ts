/** What the application asked for is not done; `message` goes back to it word for word. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

export const refusals = {
  unknownTransaction: 'unable to find transaction for transaction id provided',
  // drachtio-srf recognises this one by its words.
  unknownDialog: 'unable to find dialog for dialog id provided',
  notAnswered: 'no 2xx is waiting for an ACK',
  notAnInvite: 'only an INVITE can be cancelled',
  alreadyFinal: 'the INVITE has its final response',
  alreadyCancelled: 'the INVITE is being cancelled',
  nothingToPrack: 'no reliable provisional response with this RAck',
  earlyBye: 'a call that only rings is refused, not hung up',
  badRequestUri: 'the Request-URI is not a sip or sips URI',
  noTransport: 'no transport for the requested protocol',
  ownAddress: 'the Request-URI is an address of this server',
  noContentType: 'a body needs a Content-Type',
  dialogInUse: 'a dialog with this Call-ID and From tag exists',
  notSip: 'the first line is neither a SIP request nor a response',
  inDialog: 'only a request outside a dialog can be proxied',
  applicationGone: 'the application has left',
  requestInTransaction: 'a transaction id with a request that is not CANCEL',
} as const;

export function refuse(reason: keyof typeof refusals): never {
  throw new Refusal(refusals[reason]);
}
