import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { TlsOptions } from '../../../sip/engine/transport/stream/tls-credentials.ts';
import type { Identity, TestAuthority } from './test-authority.ts';

export { type Identity, TestAuthority } from './test-authority.ts';

/** Writes files for the engine into a folder that goes when the test ends; the function replaces its certificate. */
export function tlsFiles(authority: TestAuthority, identity: Identity): TlsOptions & { renew(next: Identity): void } {
  const folder = mkdtempSync(join(tmpdir(), 'engine-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = { certificateFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  const renew = ({ cert, key }: Identity): void => {
    writeFileSync(files.certificateFile, cert);
    writeFileSync(files.keyFile, key);
  };
  renew(identity);
  const authorityFile = join(folder, 'authority.pem');
  writeFileSync(authorityFile, authority.cert);
  return { ...files, authoritiesFile: authorityFile, renew };
}
