const SCRATCH_BYTES = 4_096;
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/**
 * The same text on its own, for what is kept for seconds or hours: cut from a message it would keep the whole message in
 * memory, put together it would keep its parts.
 */
export function keepText(text: string): string {
  const bytes = 3 * text.length <= SCRATCH_BYTES ? scratch.write(text, 0, 'utf8') : 0;
  return bytes === 0 ? text : scratch.toString('utf8', 0, bytes);
}
