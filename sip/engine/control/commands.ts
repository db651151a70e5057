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
  sip: (context, connection, command) => relay(context, connection, command),
  proxy: ({ userAgent, proxy }, connection, command) => proxyRequest(userAgent, proxy, connection, command),
};

/** Carries out one command and answers it, at once unless a name must be looked up first; throws nothing. */
export function carryOut(context: CommandContext, connection: Connection, command: Command): void {
  const handler = Object.hasOwn(handlers, command.verb) ? handlers[command.verb] : undefined;
  if (handler === undefined) {
    connection.refused(command.id, `unknown command ${command.verb}`);
    return;
  }
  try {
    handler(context, connection, command);
  } catch (error) {
    fail(context, connection, command, error);
  }
}

/** `sip|<transactionId>|<dialogId>[|<next hop>]`: which of the two is set tells a response from the kinds of request. */
function relay(context: CommandContext, connection: Connection, command: Command): void {
  const { id, args, message } = command;
  const { userAgent } = context;
  const [transactionId = '', dialogId = '', nextHop = ''] = args;
  const draft = parseApplicationMessage(message) ?? refuse('notSip');
  if (draft.kind === 'response') {
    connection.responseSent(id, userAgent.respond(transactionId, draft));
    return;
  }
  const sent = request(userAgent, connection, draft, { transactionId, dialogId, nextHop });
  if (sent instanceof Promise) {
    sent
      .then((late) => connection.requestSent(id, late))
      .catch((error: unknown) => fail(context, connection, command, error));
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

/** A Refusal is the application's to handle. Anything else is a bug of ours, which must not take the other calls down. */
function fail({ userAgent }: CommandContext, connection: Connection, command: Command, error: unknown): void {
  if (!(error instanceof Refusal)) userAgent.transactions.report(error, { verb: command.verb });
  connection.refused(command.id, error instanceof Refusal ? error.message : 'internal error');
}
