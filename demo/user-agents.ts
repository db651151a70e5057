import Srf from 'drachtio-srf';
import { startEngineThread } from '../sip/engine/index.ts';
import type { Ladder } from './ladder.ts';

/** What a buyer's telephone system read out of its INVITE. */
export interface BuyerSaw {
  readonly buyer: string;
  readonly uuid: string;
  readonly key: string;
}

export interface DemoCall {
  readonly ladder: Ladder;
  /** Buyers that are busy for this call. */
  readonly busy: readonly string[];
  readonly talkMs: number;
  readonly hangsUp: 'caller' | 'buyer';
}

export interface UserAgents {
  /** `host:port` under which the buyers are reached. */
  readonly address: string;
  /** Places a call from the carrier and resolves, when it is over, with what the buyer who took it saw. */
  call(number: string, service: string, call: DemoCall): Promise<BuyerSaw>;
  close(): Promise<void>;
}

const RING_MS = 350;

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 0',
  '',
].join('\r\n');

/** Carrier and buyers, real SIP user agents on a second engine. */
export async function startUserAgents(): Promise<UserAgents> {
  const secret = crypto.randomUUID();
  const engine = await startEngineThread({
    listen: [{ protocol: 'udp', address: '127.0.0.1', port: 0 }],
    control: { address: '127.0.0.1', port: 0 },
    secret,
  });
  const point = engine.listeningPoints[0]!;
  const srf = new Srf();
  srf.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    srf.on('connect', (error) => (error ? reject(error) : resolve()));
    void srf.connect({ host: '127.0.0.1', port: engine.controlPort, secret });
  });
  let current: { call: DemoCall; taken: (saw: BuyerSaw) => void } | undefined;
  srf.invite((req, res) => {
    if (current === undefined) return res.send(480);
    void takeCall(srf, req, res, current.call, current.taken);
  });
  return {
    address: `127.0.0.1:${point.port}`,
    call: async (number, service, call) => {
      const { promise, resolve } = Promise.withResolvers<BuyerSaw>();
      current = { call, taken: resolve };
      await placeCall(srf, `sip:${number}@${service}`, call);
      return promise;
    },
    close: async () => {
      srf.disconnect();
      await engine.close();
    },
  };
}

async function placeCall(srf: Srf, uri: string, { ladder, talkMs, hangsUp }: DemoCall): Promise<void> {
  ladder.message('carrier', true, 'INVITE');
  const dialog = await srf.createUAC(
    uri,
    { localSdp: SDP, headers: { From: '<sip:+15558675309@localhost>', Contact: '<sip:+15558675309@localhost>' } },
    { cbProvisional: ({ status, reason }) => ladder.message('carrier', false, `${status} ${reason}`) },
  );
  ladder.message('carrier', false, '200 OK');
  ladder.message('carrier', true, 'ACK');
  const over = new Promise<void>((resolve) => {
    dialog.on('destroy', () => {
      ladder.message('carrier', false, 'BYE');
      resolve();
    });
  });
  if (hangsUp === 'buyer') return over;
  await new Promise((resolve) => setTimeout(resolve, talkMs));
  ladder.message('carrier', true, 'BYE');
  await new Promise<void>((resolve) => dialog.destroy({ headers: {} }, () => resolve()));
}

async function takeCall(
  srf: Srf,
  req: Srf.SrfRequest,
  res: Srf.SrfResponse,
  { ladder, busy, talkMs, hangsUp }: DemoCall,
  taken: (saw: BuyerSaw) => void,
): Promise<void> {
  const buyer = req.calledNumber;
  const saw = { buyer, uuid: req.get('X-PH-RetreaverUUID'), key: req.get('X-PH-RetreaverKey') };
  ladder.message('buyer', false, 'INVITE', `${buyer} reads its headers:`);
  ladder.headers(saw);
  if (busy.includes(buyer)) {
    ladder.message('buyer', true, '486 Busy Here', `${buyer} is busy: the next buyer is tried`);
    res.send(486);
    return;
  }
  ladder.message('buyer', true, '180 Ringing');
  res.send(180);
  await new Promise((resolve) => setTimeout(resolve, RING_MS));
  ladder.message('buyer', true, '200 OK');
  const dialog = await srf.createUAS(req, res, { localSdp: SDP });
  dialog.on('ack', () => ladder.message('buyer', false, 'ACK', 'they talk'));
  dialog.on('destroy', () => {
    ladder.message('buyer', false, 'BYE');
    taken(saw);
  });
  if (hangsUp !== 'buyer') return;
  await new Promise((resolve) => setTimeout(resolve, talkMs));
  ladder.message('buyer', true, 'BYE');
  dialog.destroy({ headers: {} }, () => taken(saw));
}
