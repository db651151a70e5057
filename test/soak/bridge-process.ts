import Srf from 'drachtio-srf';
import { joinLegs } from './join-legs.ts';

/** The caller number of SIPp's scenarios: such calls are bridged to the buyer, all others get what comes to mind. */
const CALLER = '+12025550100';
const [, , controlPort, secret, buyer] = process.argv;
const whims = [486, 404, 603, 200, 200, 0];
let count = 0;

const srf = new Srf();
srf.on('error', (error) => console.error(error));

async function bridge(req: Srf.SrfRequest, res: Srf.SrfResponse): Promise<void> {
  joinLegs(await srf.createB2BUA(req, res, `sip:buyer@${buyer}`, {}));
}

/** Answers, refuses or forgets the call. */
async function indulge(req: Srf.SrfRequest, res: Srf.SrfResponse): Promise<void> {
  count += 1;
  const status = whims[count % whims.length]!;
  if (status === 0) return;
  if (status !== 200) {
    res.send(status);
    return;
  }
  const uas = await srf.createUAS(req, res, { localSdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n' });
  setTimeout(() => uas.destroy({ headers: {} }, () => {}), 1_000);
}

srf.invite((req, res) => {
  const isSippCall = req.get('From')?.includes(`sip:${CALLER}@`) === true;
  // A refused, cancelled or damaged call: whoever called knows.
  (isSippCall ? bridge(req, res) : indulge(req, res)).catch(() => {});
});
for (const method of ['register', 'options', 'message', 'info', 'notify', 'publish']) {
  srf.use(method, (_req: Srf.SrfRequest, res: Srf.SrfResponse) => res.send(200));
}
// Accepted, these would begin dialogs that last until their own time is over.
for (const method of ['subscribe', 'refer']) {
  srf.use(method, (_req: Srf.SrfRequest, res: Srf.SrfResponse) => res.send(489));
}
// The library trips over some messages that are valid; that is not what is tested here.
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});
process.once('disconnect', () => process.exit());
srf.on('connect', () => process.send?.({ ready: true }));
await srf.connect({ host: '127.0.0.1', port: Number(controlPort), secret: secret! });
