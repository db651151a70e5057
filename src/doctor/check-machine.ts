import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { bad, doubtful, type Finding, good } from './finding.ts';

const NEEDED_NODE = 24;
/** What the engine asks the system for, so that a burst is not thrown away. */
const WANTED_BUFFER_BYTES = 4 * 2 ** 20;

/** Node, receive buffers, clock. */
export async function checkMachine(): Promise<Finding[]> {
  return [checkNode(process.versions.node), checkBuffers(), await checkClock()];
}

function checkNode(version: string): Finding {
  if (Number(version.split('.')[0]) >= NEEDED_NODE) return good('Node', version);
  return bad('Node', version, `install Node ${NEEDED_NODE} or newer, or start with bin/bridge after npm ci`);
}

function checkBuffers(): Finding {
  const most = numberIn('/proc/sys/net/core/rmem_max');
  if (most === undefined) return good('receive buffers', 'not known on this system');
  const text = `${(most / 2 ** 20).toFixed(1)} MB at most`;
  if (most >= WANTED_BUFFER_BYTES) return good('receive buffers', text);
  const remedy = `for more than some 100 calls/s: sysctl -w net.core.rmem_max=${WANTED_BUFFER_BYTES}, and in /etc/sysctl.d`;
  return doubtful('receive buffers', text, remedy);
}

function numberIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Windows, caps and opening hours are kept by this machine's clock. */
async function checkClock(): Promise<Finding> {
  const now = new Date().toISOString();
  const asked = await promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--value']).catch(
    () => undefined,
  );
  if (asked?.stdout.trim() === 'yes') return good('clock', `${now}, synchronised`);
  const remedy = 'make sure that it is kept right (chrony, systemd-timesyncd): windows, caps and hours go by it';
  return doubtful('clock', `${now}, not known to be synchronised`, remedy);
}
