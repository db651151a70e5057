/** Response times of a `-trace_rtt` file, rows of `Date_ms;response_time_ms;rtd_no`: when each call was answered, and after how long. */
export function parseResponseTimes(csv: string): { answeredAtMs: number[]; setUpMs: number[] } {
  const answeredAtMs: number[] = [];
  const setUpMs: number[] = [];
  for (const row of csv.split('\n').slice(1)) {
    const [at, took] = row.split(';');
    if (took === undefined) continue;
    answeredAtMs.push(Number(at));
    setUpMs.push(Number(took));
  }
  return { answeredAtMs, setUpMs };
}

/**
 * INVITE to 200 in ms, from a `-trace_shortmsg` file: exact to the microsecond, where `-trace_rtt` has SIPp's clock of
 * 4 ms. Tab-separated: date, time, epoch seconds, S|R, Call-ID, `CSeq:1 INVITE`, start line.
 */
export function parseSetUpTimes(log: string): number[] {
  const sentAt = new Map<string, number>();
  const setUpMs: number[] = [];
  for (const row of log.split('\n')) {
    const [, , epoch, direction, callId = '', cseq, startLine = ''] = row.split('\t');
    if (cseq !== 'CSeq:1 INVITE') continue;
    const sent = sentAt.get(callId);
    if (direction === 'S' && sent === undefined) sentAt.set(callId, Number(epoch));
    else if (direction === 'R' && sent !== undefined && startLine.startsWith('SIP/2.0 200')) {
      setUpMs.push((Number(epoch) - sent) * 1_000);
      sentAt.delete(callId);
    }
  }
  return setUpMs;
}

/** Messages sent or received again, from a `-trace_counts` file: the `…_Retrans` columns of its last row. */
export function countRetransmissions(csv: string): number {
  const [head = '', ...rows] = csv.trimEnd().split('\n');
  const cells = rows.at(-1)?.split(';') ?? [];
  return head.split(';').reduce((sum, name, i) => sum + (name.endsWith('_Retrans') ? Number(cells[i] ?? 0) : 0), 0);
}
