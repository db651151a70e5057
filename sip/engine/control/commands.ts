import type { Sent } from '../dialog/application.ts';
import { Refusal, refuse } from '../dialog/refusal.ts';
import type { UserAgent } from '../dialog/user-agent.ts';
import type { SipRequest } from '../message/message.ts';
import type { StatefulProxy } from '../proxy/stateful-proxy.ts';
import { parseApplicationMessage } from './application-message.ts';
import type { Command } from './command.ts';
import type { Connection } from './connection.ts';
import { proxyRequest } from './proxy-command.ts';
import type { RouteTable } from './route-table.ts';

/** What an authenticated application may ask for. */
export interface CommandContext {
  readonly userAgent: UserAgent;
  readonly proxy: StatefulProxy;
  readonly routes: RouteTable;
}

type Handler = (context: CommandContext, connection: Connection, command: Command) => void;

const handlers: Record<string, Handler> = {
  route: ({ routes }, connection, { id, args }) => {
    routes.add(args[0] ?? '', connection);
    connection.ok(id);
  },
  remove_route: ({ routes }, connection, { id, args }) => {
    routes.remove(args[0] ?? '', connection);
    connection.ok(id);
  },
  ping: (_, connection, { id }) => connection.ok(id, 'pong'),
  sip: ({ userAgent }, connection, command) => relay(userAgent, connection, command),
  proxy: ({ userAgent, proxy }, connection, command) => proxyRequest(userAgent, proxy, connection, command),
};

/** Carries out one command and answers it, at once unless a name must be looked up first. */
export function carryOut(context: CommandContext, connection: Connection, command: Command): void {
  const handler = handlers[command.verb];
  if (handler === undefined) connection.refused(command.id, `unknown command ${command.verb}`);
  else answering(connection, command.id, () => handler(context, connection, command));
}

/** `sip|<transactionId>|<dialogId>[|<next hop>]`: which of the two is set tells a response from the kinds of request. */
function relay(userAgent: UserAgent, connection: Connection, { id, args, message }: Command): void {
  const [transactionId = '', dialogId = '', nextHop = ''] = args;
  const draft = parseApplicationMessage(message) ?? refuse('notSip');
  if (draft.kind === 'response') {
    connection.responseSent(id, userAgent.respond(transactionId, draft));
    return;
  }
  const sent = request(userAgent, connection, draft, { transactionId, dialogId, nextHop });
  if (sent instanceof Promise) {
    sent.then(
      (late) => connection.requestSent(id, late),
      (error: unknown) => answering(connection, id, () => rethrow(error)),
    );
  } else connection.requestSent(id, sent);
}

function request(
  userAgent: UserAgent,
  connection: Connection,
  draft: SipRequest,
  to: { transactionId: string; dialogId: string; nextHop: string },
): Sent | Promise<Sent> {
  if (to.dialogId !== '') return userAgent.requestInDialog(to.dialogId, draft);
  if (to.transactionId === '') return userAgent.request(draft, connection, to.nextHop || undefined);
  return draft.method === 'CANCEL' ? userAgent.cancel(to.transactionId, draft) : refuse('requestInTransaction');
}

/** A Refusal is the application's to handle: it becomes NOK. Anything else is a bug of ours. */
function answering(connection: Connection, commandId: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    connection.refused(commandId, error.message);
  }
}

function rethrow(error: unknown): never {
  throw error;
}
