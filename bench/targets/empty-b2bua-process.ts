import Srf from 'drachtio-srf';
import { startEngineThread } from '../../sip/engine/index.ts';

const [, , buyerPort] = process.argv;
const secret = 'bench';
const engine = await startEngineThread({
  listen: [{ protocol: 'udp', address: '127.0.0.1', port: 0 }],
  control: { address: '127.0.0.1', port: 0 },
  secret,
});

const srf = new Srf();
srf.on('error', (error) => console.error(error));
srf.invite(async (req, res) => {
  try {
    const { uas, uac } = await srf.createB2BUA(req, res, `sip:buyer@127.0.0.1:${buyerPort}`, {});
    uas.on('destroy', () => uac.destroy());
    uac.on('destroy', () => uas.destroy());
  } catch {
    // A refused or cancelled call: SIPp counts it.
  }
});
srf.on('connect', () => process.send?.({ sipPort: engine.listeningPoints[0]?.port }));
process.once('disconnect', () => process.exit());
await srf.connect({ host: '127.0.0.1', port: engine.controlPort, secret });
