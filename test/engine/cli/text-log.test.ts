import { expect, it } from 'vitest';
import { textLog } from '../../../sip/engine/cli/text-log.ts';

function written(least: Parameters<typeof textLog>[0], ...call: Parameters<ReturnType<typeof textLog>>): string {
  let text = '';
  textLog(
    least,
    (more) => {
      text += more;
    },
    () => new Date(0),
  )(...call);
  return text;
}

it('puts time, level, message and fields on a line', () => {
  const fields = { err: new Error('read failed'), peer: 'udp/[::1]:5060', count: 3, load: { cpu: 0.5 } };
  expect(written('info', 'warn', 'message not sent', fields)).toBe(
    '1970-01-01T00:00:00.000Z warn  message not sent err="read failed" peer="udp/[::1]:5060" count=3 load="{\\"cpu\\":0.5}"\n',
  );
});

it('puts a text of several lines below, where it cannot be taken for lines of the log', () => {
  const message = 'OPTIONS sip:a@h SIP/2.0\r\nVia: x\r\n\r\n';
  expect(written('debug', 'info', 'sip message', { message, direction: 'sent' })).toBe(
    '1970-01-01T00:00:00.000Z info  sip message direction=sent\n    OPTIONS sip:a@h SIP/2.0\n    Via: x\n',
  );
});

it('leaves out what is less severe', () => {
  expect(written('warn', 'info', 'ready', {})).toBe('');
});
