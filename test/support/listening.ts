import { existsSync, readFileSync } from 'node:fs';

const TCP_LISTEN = '0A';
const UDP_UNCONNECTED = '07';

/**
 * Whether some process has bound the port. Read from the kernel's table, as a trial bind could take the port away from
 * the very process awaited. `undefined` where the kernel has no such table (not Linux).
 */
export function isListening(port: number, transport: 'udp' | 'tcp'): boolean | undefined {
  const tables = [`/proc/net/${transport}`, `/proc/net/${transport}6`].filter((path) => existsSync(path));
  if (tables.length === 0) return undefined;
  const wantedState = transport === 'udp' ? UDP_UNCONNECTED : TCP_LISTEN;
  const wantedPort = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  // A row: `sl  local_address rem_address  st …`, addresses as hex `0100007F:3AD4`.
  return tables.some((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .some((row) => {
        const [, local, , state] = row.trim().split(/\s+/);
        return local?.endsWith(wantedPort) && state === wantedState;
      }),
  );
}
