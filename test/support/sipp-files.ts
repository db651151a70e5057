import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FILES } from './sipp-command.ts';
import { parseSippStats, type SippStats } from './sipp-stats.ts';
import { parseSippTrace, type TracedMessage } from './sipp-trace.ts';

/** What one SIPp run writes: read from its folder while it runs, from memory after the folder is gone. */
export class SippFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'sipp-'));
  readonly #kept = new Map<string, Buffer>();

  read(name: string): Buffer {
    const path = join(this.folder, name);
    return this.#kept.get(name) ?? (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));
  }

  trace(): TracedMessage[] {
    return parseSippTrace(this.read(FILES.messages));
  }

  stats(): SippStats {
    return parseSippStats(this.read(FILES.stats).toString('utf8'));
  }

  /** SIPp's error log without its time stamps and heading. */
  errors(): string {
    const text = this.read(FILES.errors).toString('utf8');
    return text.replace(/^The following events occurred:\n/, '').replace(/\d{4}-\d\d-\d\d\t[\d:.]+\t[\d.]+: /g, '');
  }

  /** Takes everything into memory and removes the folder. */
  close(): void {
    if (!existsSync(this.folder)) return;
    for (const name of readdirSync(this.folder)) this.#kept.set(name, this.read(name));
    this.remove();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
