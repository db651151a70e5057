import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Srf from 'drachtio-srf';
import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../sip/engine/message/parse.ts';
import { ParseError } from '../../../sip/engine/message/parse-error.ts';
import { serialize } from '../../../sip/engine/message/serialize.ts';
import { type Verdict, verdicts } from '../../../sip/torture/verdicts.ts';
import { BridgeRig } from '../support/bridge-rig.ts';
import { connectCall } from '../support/bridged-call.ts';
import { type Outcome, TortureLine } from '../support/torture-line.ts';
import { understood } from './understood.ts';

type Middleware = (req: Srf.SrfRequest, res: Srf.SrfResponse, next: () => void) => void;

const torture = join(import.meta.dirname, '../../../sip/torture');
const bytesOf = (name: string): Buffer => readFileSync(join(torture, `${name}.dat`));

describe('torture messages, parsed', () => {
  for (const { name, section, parser, why } of verdicts) {
    it(`${name}: ${parser.kind}, ${why} (${section})`, () => {
      if (parser.kind === 'accept') {
        const message = parseMessage(bytesOf(name));
        const facts = understood(message, Object.keys(parser.understood.headers ?? {}));
        expect(facts).toMatchObject(parser.understood);
        const again = parseMessage(serialize(message));
        expect(understood(again, Object.keys(facts.headers))).toEqual(facts);
        return;
      }
      const fault = faultOf(bytesOf(name));
      expect(fault.partial === undefined).toBe(parser.kind === 'drop');
      if (parser.kind === 'reject') expect(fault).toMatchObject({ status: parser.status, message: parser.reason });
    });
  }

  it('are all there, each with its verdict', () => {
    const files = readdirSync(torture).filter((file) => file.endsWith('.dat'));
    expect(files.sort()).toEqual(verdicts.map(({ name }) => `${name}.dat`).sort());
    expect(files).toHaveLength(61);
  });
});

describe('torture messages, received by the engine over UDP', () => {
  for (const verdict of verdicts) {
    it(`${verdict.name}: ${verdict.engine} (${verdict.section})`, async () => {
      await using line = await TortureLine.open();
      expect(await line.outcomeOf(bytesOf(verdict.name))).toEqual(expectedOutcome(verdict));
      expect(line.errors).toEqual([]);
    });
  }

  it('leave an engine that still bridges calls', async () => {
    const rig = await BridgeRig.open();
    const refuseStrangers: Middleware = (req, res, next) =>
      req.get('From').includes('sip:alice@') ? next() : res.send(486);
    rig.srf.use('invite', refuseStrangers as never);
    for (const method of ['register', 'options', 'message']) rig.srf.use(method, (_req, res) => res.send(200));
    await sendAll(rig.port);
    const { aliceCall } = await connectCall(rig);
    aliceCall.request('BYE');
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    expect((await rig.alice.receive(200)).headers.get('CSeq')).toMatch(/BYE$/);
    expect(rig.engine.stats().transport.received).toBeGreaterThan(verdicts.length / 2);
    await rig.close();
  });
});

/** From a socket that nobody listens to. */
async function sendAll(port: number): Promise<void> {
  const socket = createSocket('udp4');
  for (const { name } of verdicts) {
    await new Promise((sent) => socket.send(bytesOf(name), port, '127.0.0.1', sent));
  }
  socket.close();
}

function faultOf(bytes: Buffer): ParseError {
  try {
    parseMessage(bytes);
  } catch (fault) {
    if (fault instanceof ParseError) return fault;
    throw fault;
  }
  throw new Error('was accepted');
}

/** The application is handed the Request-Line as we write it; every INVITE that is taken gets a 100. */
function expectedOutcome({ name, parser, engine }: Verdict): Outcome {
  if (engine === 'nothing') return { answers: [], delivered: [] };
  const message = parser.kind === 'accept' ? parseMessage(bytesOf(name)) : undefined;
  const isInvite = message?.kind === 'request' && message.method === 'INVITE';
  const trying = isInvite ? ['SIP/2.0 100 Trying'] : [];
  if (engine !== 'application') return { answers: [...trying, `SIP/2.0 ${engine}`], delivered: [] };
  const startLine = message?.kind === 'request' ? `${message.method} ${message.uri} SIP/2.0` : '';
  return { answers: trying, delivered: [startLine] };
}
