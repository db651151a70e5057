import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Account } from '../domain/account.ts';
import { originOf } from '../domain/webhook-template.ts';
import { UrlGuard } from '../webhooks/url-guard.ts';
import { askSip, connected, sipTargetOf } from './ask-sip.ts';
import { bad, doubtful, type Finding, good } from './finding.ts';

/** Every address calls or webhooks go to, each asked once. */
export function checkPartners(account: Account, allowedNetworks: readonly string[]): Promise<Finding[]> {
  const guard = new UrlGuard(allowedNetworks);
  const origins = account.campaigns.flatMap(({ webhooks }) => webhooks.map(({ url }) => originOf(url)));
  return Promise.all([
    ...[...sipUsers(account)].map(([uri, users]) => checkDestination(uri, users)),
    ...[...new Set(origins)].map((origin) => checkWebhookHost(origin, guard)),
  ]);
}

/** URI without user part → who sends calls there. */
function sipUsers({ buyers, gateways, campaigns }: Account): Map<string, string[]> {
  const users = new Map<string, string[]>();
  const add = (uri: string, user: string) => {
    const bare = uri.replace(/^(sips?:)[^@]*@/i, '$1');
    users.set(bare, [...(users.get(bare) ?? []), user]);
  };
  for (const { id, destinations } of buyers) {
    for (const each of destinations) if (each.kind === 'sip') add(each.uri, `buyer ${id}`);
  }
  for (const { id, uri } of gateways) add(uri, `gateway ${id}`);
  for (const { id, lastResort } of campaigns)
    if (lastResort?.kind === 'sip') add(lastResort.uri, `last resort of ${id}`);
  return users;
}

async function checkDestination(uri: string, users: readonly string[]): Promise<Finding> {
  const what = [...new Set(users)].join(', ');
  const target = await sipTargetOf(uri);
  const where = `${uri} (${target.transport} ${target.host}:${target.port})`;
  try {
    await resolved(target.host);
    return good(what, `${where} ${await askSip(target)}`);
  } catch (error) {
    const { code, name, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND')
      return bad(what, `${where}: the name has no address`, 'correct the name in the account file');
    if (name === 'AbortError' || name === 'TimeoutError') {
      const remedy = 'it may answer known addresses only; else ask its owner, and look at firewalls on the way';
      return doubtful(what, `${where} does not answer`, remedy);
    }
    return bad(what, `${where}: ${message}`, 'correct the address in the account file, or ask its owner');
  }
}

async function checkWebhookHost(origin: string, guard: UrlGuard): Promise<Finding> {
  const url = new URL(origin);
  const what = `webhooks to ${url.host}`;
  const isEncrypted = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (isEncrypted ? 443 : 80);
  try {
    guard.checkUrl(url);
    const address = await resolved(host);
    guard.checkAddress(address, isEncrypted);
    const servername = isIP(host) === 0 ? { servername: host } : {};
    await connected(isEncrypted ? connectTls({ host: address, port, ...servername }) : connect(port, address));
    return good(what, `${origin} takes connections`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const remedy =
      code === 'address_refused'
        ? 'list own networks in WEBHOOK_ALLOWED_NETWORKS, use https elsewhere'
        : 'ask its owner; bridge webhooks test ID tries a whole request';
    return doubtful(what, `${origin}: ${message}`, remedy);
  }
}

async function resolved(host: string): Promise<string> {
  return isIP(host) === 0 ? (await lookup(host)).address : host;
}
