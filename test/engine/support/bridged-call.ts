import type Srf from 'drachtio-srf';
import type { SipRequest, SipResponse } from '../../../sip/engine/message/message.ts';
import type { BridgeRig } from './bridge-rig.ts';
import { Call } from './phone.ts';

export interface Dialogs {
  readonly uas: Srf.Dialog;
  readonly uac: Srf.Dialog;
}

/** drachtio-srf knows more options than its types say. */
type BridgeOptions = Srf.CreateB2BUAOptions & { readonly noAck?: boolean };

/** Makes the application bridge the next call to bob. Resolves or rejects as createB2BUA does. */
export function bridgeNextCall(rig: BridgeRig, options: BridgeOptions = {}, uri = rig.bob.uri): Promise<Dialogs> {
  return new Promise((resolve, reject) => {
    rig.srf.invite((req, res) => {
      rig.srf.createB2BUA(req, res, uri, options).then(({ uas, uac }) => {
        // Whoever hangs up, the other side is hung up too; a side already gone is no failure.
        uas.on('destroy', () => uac.destroy({ headers: {} }, () => {}));
        uac.on('destroy', () => uas.destroy({ headers: {} }, () => {}));
        resolve({ uas, uac });
      }, reject);
    });
  });
}

export interface ConnectedCall extends Dialogs {
  readonly aliceCall: Call;
  readonly bobCall: Call;
  /** What bob got, and what alice got in return. */
  readonly invite: SipRequest;
  readonly ok: SipResponse;
}

/** A call from alice to bob through the application, answered and acknowledged on both sides. */
export async function connectCall(rig: BridgeRig, options: BridgeOptions = {}): Promise<ConnectedCall> {
  const { alice, bob } = rig;
  const dialogs = bridgeNextCall(rig, options);
  const aliceCall = alice.newCall(rig.port);
  aliceCall.sendInvite();
  const invite = await bob.receive('INVITE');
  const answer = bob.reply(invite, 200, 'OK', { body: bob.sdp });
  await bob.receive('ACK');
  const ok = await alice.receive(200);
  aliceCall.ack(ok);
  return { aliceCall, bobCall: Call.answered(bob, invite, answer), invite, ok, ...(await dialogs) };
}
