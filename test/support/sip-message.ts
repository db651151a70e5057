/** A SIP message as it stood on the wire, for assertions: header names keep their case and order. */
export interface SipMessage {
  /** `INVITE`, also for a response to one. */
  readonly method: string;
  /** Requests only. */
  readonly requestUri?: string;
  /** Responses only. */
  readonly status?: number;
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  /** First value of a header, whatever the case of its name. */
  header(name: string): string | undefined;
  readonly body: string;
  readonly raw: string;
}

/** Parses one message; folded header lines are joined, compact header names are left as they came. */
export function parseSipMessage(raw: string): SipMessage {
  const end = raw.search(/\r?\n\r?\n/);
  const head = end === -1 ? raw : raw.slice(0, end);
  const body = end === -1 ? '' : raw.slice(end).replace(/^\r?\n\r?\n/, '');
  const [startLine = '', ...lines] = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const header = (name: string) => headers.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
  const common = { headers, header, body, raw };

  const [first = '', second = ''] = startLine.split(' ');
  if (!first.startsWith('SIP/')) return { ...common, method: first, requestUri: second };
  return { ...common, status: Number(second), method: header('CSeq')?.split(/\s+/)[1] ?? '' };
}
