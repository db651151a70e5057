import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig } from '../support/bridge-rig.ts';
import { RawApplication } from '../support/raw-application.ts';

describe('the proxy command', () => {
  let rig: BridgeRig;
  let application: RawApplication;
  /** Of a MESSAGE that waits for its answer. */
  let transactionId: string;
  beforeEach(async () => {
    rig = await BridgeRig.open();
    application = await RawApplication.connect(rig.engine.controlPort);
    await application.ask('authenticate|sesame|');
    await application.ask('route|message');
    rig.alice.newCall(rig.port).request('MESSAGE');
    transactionId = (await application.receive()).split('|')[8]!;
  });
  afterEach(async () => {
    application.socket.destroy();
    await rig.close();
  });

  const command = (parts: { id?: string; full?: string; timeouts?: string; to?: string } = {}) => {
    const { id = transactionId, full = 'fullResponse', timeouts = '|', to = rig.bob.uri } = parts;
    return `proxy|${id}||${full}||serial|${timeouts}|${to}\r\nMESSAGE ${to} SIP/2.0\r\nContent-Length: 0\r\n\r\n`;
  };

  it('writes its frames to the letter', async () => {
    const id = application.send(command({ timeouts: '2s|1500ms' }));
    rig.bob.reply(await rig.bob.receive('MESSAGE'), 404, 'Not Found');
    const frame = await application.receive();
    expect(frame).toMatch(
      new RegExp(
        `^f\\d+\\|response\\|${id}\\|OK\\|network\\|\\d+\\|udp\\|127\\.0\\.0\\.1\\|${rig.bob.port}\\|[\\d:.]{15}` +
          '\\|\\|\\|continue\\r\\nSIP/2\\.0 404 Not Found\\r\\n',
      ),
    );
    expect(Number(frame.split('|')[5])).toBe(Buffer.byteLength(frame.slice(frame.indexOf('\r\n') + 2)));
    expect(await application.receive()).toMatch(new RegExp(`^f\\d+\\|response\\|${id}\\|OK\\|done$`));
    await rig.alice.receive(404);
  });

  it('tells only that it is done unless asked for all responses', async () => {
    const id = application.send(command({ full: '' }));
    rig.bob.reply(await rig.bob.receive('MESSAGE'), 200, 'OK');
    expect(await application.receive()).toMatch(new RegExp(`^f\\d+\\|response\\|${id}\\|OK\\|done$`));
    await rig.alice.receive(200);
  });

  it.each([
    ['a transaction nobody knows', { id: 'nope' }, 'unable to find transaction'],
    ['no destination', { to: '' }, 'Request-URI'],
    ['a destination that is none', { to: 'http://x' }, 'Request-URI'],
    ['a telephone number', { to: 'tel:+15551234' }, 'Request-URI'],
    ['a timeout that is none', { timeouts: 'soon|' }, 'timeout soon'],
  ])("with %s is refused with a reason, and the request stays the application's", async (_, parts, reason) => {
    const [verdict, text] = await application.ask(command(parts));
    expect(verdict).toBe('NOK');
    expect(text).toContain(reason);
    await application.ask(`sip|${transactionId}|\r\nSIP/2.0 202 Accepted\r\nContent-Length: 0\r\n\r\n`);
    await rig.alice.receive(202);
    expect(rig.bob.inbox).toEqual([]);
  });

  it('for a request inside a dialog is refused', async () => {
    await application.ask('route|invite');
    const call = rig.alice.newCall(rig.port);
    call.sendInvite();
    const invited = (await application.receive()).split('|')[8];
    await application.ask(`sip|${invited}|\r\nSIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n`);
    call.ack(await rig.alice.receive(200));
    await application.receive();
    call.request('INFO');
    const id = (await application.receive()).split('|')[8]!;
    expect(await application.ask(command({ id }))).toEqual(['NOK', 'only a request outside a dialog can be proxied']);
  });
});
