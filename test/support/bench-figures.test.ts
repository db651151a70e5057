import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { othersShare } from '../../bench/machine.ts';
import { percentiles } from '../../bench/percentiles.ts';
import { cpuBetween, readProcessCpu } from '../../bench/process-cpu.ts';
import { countRetransmissions, parseResponseTimes, parseSetUpTimes } from '../../bench/sipp-output.ts';
import { ms, percent } from '../../bench/table.ts';
import { NO_STATS, parseSippStats } from './sipp-stats.ts';

describe('what the bench reads', () => {
  it('charges CPU time to the thread that used it', async () => {
    const before = readProcessCpu(process.pid);
    const burn = 'const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end);';
    const worker = new Worker(
      `${burn} require('node:worker_threads').parentPort.once('message', () => {}).postMessage(0)`,
      {
        eval: true,
        name: 'engine',
      },
    );
    await new Promise((resolve) => worker.once('message', resolve));
    const used = cpuBetween(before, readProcessCpu(process.pid));
    await worker.terminate();

    expect(used.threads.get('engine')).toBeGreaterThanOrEqual(200);
    expect(used.threads.get('main')).toBeLessThan(200);
    expect(used.totalMs).toBeGreaterThanOrEqual(used.threads.get('engine') ?? 0);
  });

  it('takes what is not ours for others', () => {
    const moment = (atMs: number, busyMs: number, oursMs: number) => ({ atMs, busyMs, oursMs, dropped: 0 });
    const processors = navigator.hardwareConcurrency;
    expect(othersShare(moment(0, 500, 100), moment(1_000, 900, 400))).toBeCloseTo(0.1 / processors);
    expect(othersShare(moment(0, 500, 100), moment(1_000, 600, 300))).toBe(0);
  });

  it('times set-up from the first INVITE to the 200 of the same call, retransmissions aside', () => {
    const row = (at: string, direction: string, call: string, cseq: string, line: string) =>
      `2026-11-24\t00:00:56.0\t${at}\t${direction}\t${call}\tCSeq:${cseq}\t${line}`;
    const log = [
      row('100.000', 'S', 'a', '1 INVITE', 'INVITE sip:12@h SIP/2.0'),
      row('100.001', 'S', 'b', '1 INVITE', 'INVITE sip:12@h SIP/2.0'),
      row('100.500', 'S', 'a', '1 INVITE', 'INVITE sip:12@h SIP/2.0'),
      row('100.501', 'R', 'b', '1 INVITE', 'SIP/2.0 180 Ringing'),
      row('100.502', 'R', 'b', '1 INVITE', 'SIP/2.0 486 Busy'),
      row('100.510', 'R', 'a', '1 INVITE', 'SIP/2.0 200 OK'),
      row('100.511', 'R', 'a', '1 INVITE', 'SIP/2.0 200 OK'),
      row('100.600', 'R', 'a', '2 BYE', 'SIP/2.0 200 OK'),
    ].join('\n');
    expect(parseSetUpTimes(log).map(Math.round)).toEqual([510]);
  });

  it('reads the files of SIPp', () => {
    const rtt = 'Date_ms;response_time_ms;rtd_no\n104.001;0;setup\n108.5;4;setup\n';
    expect(parseResponseTimes(rtt)).toEqual({ answeredAtMs: [104.001, 108.5], setUpMs: [0, 4] });
    const counts = 'CurrentTime;3_INVITE_Sent;3_INVITE_Retrans;7_200_Recv;7_200_Retrans;\nx;1;0;0;0;\nx;500;3;499;2;\n';
    expect(countRetransmissions(counts)).toBe(5);
    expect(parseSippStats('')).toEqual(NO_STATS);
    const stats = [
      'StartTime;CurrentTime;TotalCallCreated;SuccessfulCall(C);FailedCall(C);FailedUnexpectedMessage(C);Retransmissions(C);',
      'd\tt\t10.5;d\tt\t12.75;3;1;2;2;7;',
    ].join('\n');
    expect(parseSippStats(stats)).toEqual({
      ...{ created: 3, successful: 1, failed: 2, retransmissions: 7, elapsedMs: 2_250 },
      failures: { UnexpectedMessage: 2 },
    });
  });

  it('ranks percentiles and prints figures with the decimals they carry', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentiles(hundred)).toEqual({ count: 100, p50: 50, p99: 99, max: 100 });
    expect(percentiles([])).toEqual({ count: 0, p50: 0, p99: 0, max: 0 });
    expect([0, 0.123, 12.34, 123.4].map(ms)).toEqual(['0', '0.12', '12.3', '123']);
    expect([0, 0.0123, 0.5].map(percent)).toEqual(['0 %', '1.2 %', '50 %']);
  });
});
