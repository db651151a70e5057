import type Srf from 'drachtio-srf';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { startSipp } from '../../support/sipp.ts';
import { BridgeRig, eventually } from '../support/bridge-rig.ts';
import { Kamailio, whyNoKamailio } from './kamailio.ts';

const reason = whyNoKamailio();

const scenarios = [
  ['A hangs up', 'uac-answered-hangs-up', 'uas-ring-answer-expect-bye'],
  ['B hangs up', 'uac-answered-expect-bye', 'uas-ring-answer-hangs-up'],
  ['A holds and resumes', 'uac-answered-holds-resumes-hangs-up', 'uas-answer-accepts-reinvite-info-expect-bye'],
  ['B refuses', 'uac-invite-expect-480', 'uas-invite-refuse-480'],
] as const;

/** Passes re-INVITEs and BYEs across. */
function join(uas: Srf.Dialog, uac: Srf.Dialog): void {
  for (const [from, to] of [
    [uas, uac],
    [uac, uas],
  ] as const) {
    from.on('destroy', () => to.destroy({ headers: {} }, () => {}));
    from.on('modify', async (req: Srf.SrfRequest, res: Srf.SrfResponse) => {
      res.send(200, { body: await to.modify(req.body) });
    });
  }
}

describe.skipIf(reason !== undefined)(
  `Kamailio before and behind the engine${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    for (const transport of ['udp', 'tcp'] as const) {
      for (const [title, caller, callee] of scenarios) {
        it(`${title} over ${transport}: every request in the call goes by its Route (RFC 3261 §16.12)`, async () => {
          const sipPort = await freePort();
          const listen = (['udp', 'tcp'] as const).map((protocol) => ({
            protocol,
            address: '127.0.0.1',
            port: sipPort,
          }));
          const rig = await BridgeRig.open({ listen });
          await using proxy = await Kamailio.start(sipPort);
          const suffix = transport === 'tcp' ? ';transport=tcp' : '';
          await using buyer = await startSipp(callee, { transport });
          rig.srf.invite((req, res) => {
            const options: object = { proxy: `sip:127.0.0.1:${proxy.port}${suffix}` };
            rig.srf.createB2BUA(req, res, `sip:b@${buyer.hostPort}${suffix}`, options).then(
              ({ uas, uac }) => join(uas, uac),
              () => {},
            );
          });
          await using seller = await startSipp(caller, { transport, remote: `127.0.0.1:${proxy.port}` });
          await Promise.all([seller.exit, buyer.exit]);
          expect(buyer.messages()[0]?.header('Record-Route')).toContain(`127.0.0.1:${proxy.port}`);
          for (const { headers } of buyer.messages('BYE')) {
            expect(headers.filter(([name]) => name === 'Via')).toHaveLength(2);
          }
          await eventually(() => rig.engine.stats().dialogs === 0);
          await rig.close();
        });
      }
    }
  },
);
