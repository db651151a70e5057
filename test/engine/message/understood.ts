import { cseqOf } from '../../../sip/engine/message/cseq.ts';
import type { SipMessage } from '../../../sip/engine/message/message.ts';
import { parseNameAddr, tagOf } from '../../../sip/engine/message/name-addr.ts';
import { ParseError } from '../../../sip/engine/message/parse-error.ts';
import { parseSipUri, type SipUri } from '../../../sip/engine/message/uri.ts';
import { parseVia, topVia } from '../../../sip/engine/message/via.ts';
import type { Understood } from '../../../sip/torture/verdict.ts';

/** Everything a `verdict` may ask about a message. */
export function understood(message: SipMessage, headerNames: readonly string[]): Required<Understood> {
  const { headers } = message;
  const uri = message.kind === 'request' ? requestUri(message.uri) : {};
  const from = parseNameAddr(headers.get('From')!);
  const to = parseNameAddr(headers.get('To')!);
  const facts = {
    ...(message.kind === 'request' ? { method: message.method } : { status: message.status, reason: message.reason }),
    ...uri,
    ...{ fromName: from.displayName, fromUri: from.uri, fromTag: tagOf(headers.get('From')!) },
    ...{ toName: to.displayName, toUri: to.uri, toTag: tagOf(headers.get('To')!) },
    ...{ callId: headers.get('Call-ID'), cseq: cseqOf(message).number, maxForwards: headers.get('Max-Forwards') },
    subject: headers.get('Subject'),
    vias: headers.getAll('Via').map(readVia),
    viaCount: headers.getAll('Via').length,
    ...{ branch: topVia(message).branch, received: topVia(message).received },
    ...{ contacts: headers.getAll('Contact'), routes: headers.getAll('Route'), bodyLength: message.body.length },
    headers: Object.fromEntries(headerNames.map((name) => [name, headers.get(name)])),
  };
  return facts as unknown as Required<Understood>;
}

function requestUri(text: string): Understood {
  try {
    const uri: SipUri = parseSipUri(text);
    const { scheme, user, host, port } = uri;
    return { scheme, host, uriParams: [...uri.params.keys()], ...(user && { user }), ...(port && { port }) };
  } catch (fault) {
    if (!(fault instanceof ParseError)) throw fault;
    return { scheme: text.slice(0, text.indexOf(':')).toLowerCase() };
  }
}

function readVia(text: string): string {
  const { protocol, host, port } = parseVia(text);
  return `${protocol} ${host}${port === undefined ? '' : `:${port}`}`;
}
