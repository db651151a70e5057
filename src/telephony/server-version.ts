/** The oldest drachtio-server this was written for; before 0.8.2 it does not even answer pings. */
const OLDEST = [0, 9, 0] as const;

/** What to say of a SIP server of this version (`v0.9.10-1-g9c2dd4cb6a`); undefined when it will do. */
export function doubtAbout(version: string | null | undefined): string | undefined {
  const numbers = /^v?(\d+)\.(\d+)\.(\d+)/
    .exec(version ?? '')
    ?.slice(1)
    .map(Number);
  const wanted = `use drachtio-server ${OLDEST.join('.')} or newer`;
  if (numbers === undefined) return `the SIP server does not tell its version: ${wanted}`;
  const at = OLDEST.findIndex((wants, index) => numbers[index] !== wants);
  if (at === -1 || numbers[at]! > OLDEST[at]!) return undefined;
  return `the SIP server is of version ${version}, older than this was written for: ${wanted}`;
}
