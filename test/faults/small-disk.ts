import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PAGE = 4_096;

/** A disk of its own for one test, small enough to be full at will. */
export class SmallDisk implements Disposable {
  readonly folder: string;

  /** Undefined where this user may mount nothing. */
  static mount(megabytes: number): SmallDisk | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
    const size = `size=${megabytes}m,mode=0755`;
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder], { stdio: 'ignore' });
    if (status === 0) return new SmallDisk(folder);
    rmSync(folder, { recursive: true });
    return undefined;
  }

  private constructor(folder: string) {
    this.folder = folder;
    mkdirSync(this.data);
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** Takes all space that is left, though others may take some meanwhile. */
  fill(): void {
    const descriptor = openSync(this.#ballast, 'w');
    const page = Buffer.alloc(PAGE);
    try {
      for (;;) writeSync(descriptor, page);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(descriptor);
    }
  }

  makeRoom(): void {
    rmSync(this.#ballast);
  }

  /** For a process that starts now; files open for writing keep a disk writable. */
  makeReadOnly(): void {
    spawnSync('mount', ['-o', 'remount,ro', this.folder], { stdio: 'ignore' });
  }

  [Symbol.dispose](): void {
    spawnSync('umount', ['-l', this.folder], { stdio: 'ignore' });
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #ballast(): string {
    return join(this.folder, 'ballast');
  }
}
