import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { isListening } from '../../support/listening.ts';
import { waitFor } from '../../support/wait-for.ts';

const MODULES = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/kamailio/modules`)
  .find(existsSync);

/** Undefined when Kamailio can be started here, else why not. */
export const whyNoKamailio = (): string | undefined => {
  if (spawnSync('kamailio', ['-v']).error !== undefined) return 'kamailio is not installed';
  return MODULES === undefined ? 'the modules of kamailio are not where Debian has them' : undefined;
};

/** A proxy that record-routes every call: those to itself go on to `enginePort`, all others where their URI says. */
export class Kamailio implements AsyncDisposable {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  static async start(enginePort: number): Promise<Kamailio> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'kamailio-'));
    const file = join(folder, 'kamailio.cfg');
    writeFileSync(file, configuration(port, enginePort));
    const args = ['-f', file, '-P', join(folder, 'pid'), '-Y', folder, '-m', '32', '-M', '8', '-DD', '-E'];
    const proxy = new Kamailio(port, folder, spawn('kamailio', args, { stdio: 'ignore' }));
    const isUp = () => isListening(port, 'udp') && isListening(port, 'tcp');
    await waitFor(`kamailio to listen on port ${port}`, isUp).catch(async (error) => {
      await proxy[Symbol.asyncDispose]();
      throw error;
    });
    return proxy;
  }

  private constructor(port: number, folder: string, child: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#process = child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

// One worker per transport: with more, a proxy may swap messages that follow each other closely.
const configuration = (port: number, enginePort: number): string => `#!KAMAILIO
debug=0
log_stderror=yes
fork=yes
children=1
tcp_children=1
auto_aliases=no
listen=udp:127.0.0.1:${port}
listen=tcp:127.0.0.1:${port}
mpath="${MODULES}/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
request_route {
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("INVITE")) record_route();
  if (uri == myself) {
    if ($proto == "tcp") $du = "sip:127.0.0.1:${enginePort};transport=tcp";
    else $du = "sip:127.0.0.1:${enginePort}";
  }
  if (!t_relay()) sl_reply_error();
}
`;
