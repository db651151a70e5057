import { spawnSync } from 'node:child_process';

/** `strace` beside, not above the traced process (-D: signals reach that), with what a commit and an answer are made of; whole pages of the log, so that a postback can be found in them. */
export function straceArguments(file: string): string[] {
  const calls = 'fsync,fdatasync,pwrite64,pwritev,write,writev,sendto,sendmsg';
  return ['strace', '-D', '-f', '-y', '-s', '5000', '-e', `trace=${calls}`, '-o', file];
}

/** Why system calls cannot be traced here; undefined when they can. */
export function whyNoTrace(): string | undefined {
  const { error, status, stderr } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'], { encoding: 'utf8' });
  if (error !== undefined) return 'strace is not installed (apt-get install strace)';
  return status === 0 ? undefined : `strace may not trace here: ${stderr.trim().split('\n')[0]}`;
}

/** When, by line of the trace, the steps of one acknowledged postback happened; undefined: never. */
export interface CommitOrder {
  readonly ref: string;
  /** The page with the postback was written to the write-ahead log. */
  readonly written: number | undefined;
  /** The sync of the log that followed returned. */
  readonly synced: number | undefined;
  /** Its 200 was handed to the socket. */
  readonly answered: number | undefined;
}

const WAL_WRITE = /pwritev?(?:64)?\(\d+<[^>]*-wal>/;
const SYNC = /f(?:data)?sync\(\d+<[^>]*-wal>/;
const SYNC_RETURNED = /f(?:data)?sync(?:\(\d+<[^>]*-wal>| resumed>).*= 0$/;
const ANSWER = /(?:writev?|sendto|sendmsg)\(.*HTTP\/1\.1 200 OK/;

/**
 * Reads what strace wrote, in its order: a line stands where its call began, or, where others ran meanwhile, in two parts
 * where it began (`unfinished`) and where it returned (`resumed`). `marks`: text of the postback, text of its answer.
 */
export function commitOrders(trace: string, marks: readonly { ref: string; answer: string }[]): CommitOrder[] {
  const lines = trace.split('\n');
  return marks.map(({ ref, answer }) => {
    const written = find(lines, 0, (line) => WAL_WRITE.test(line) && line.includes(ref));
    const synced = written === undefined ? undefined : syncReturnedAfter(lines, written);
    const answered = find(lines, 0, (line) => ANSWER.test(line) && line.includes(answer.replaceAll('"', '\\"')));
    return { ref, written, synced, answered };
  });
}

/** A sync that began after the write: one under way before would not cover it. */
function syncReturnedAfter(lines: readonly string[], written: number): number | undefined {
  const began = find(lines, written + 1, (line) => SYNC.test(line));
  if (began === undefined) return undefined;
  const thread = lines[began]!.split(' ')[0]!;
  return find(lines, began, (line) => line.startsWith(`${thread} `) && SYNC_RETURNED.test(line));
}

function find(lines: readonly string[], from: number, matches: (line: string) => boolean): number | undefined {
  const at = lines.findIndex((line, index) => index >= from && matches(line));
  return at === -1 ? undefined : at;
}
