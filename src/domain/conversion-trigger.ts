import type { ConversionTrigger } from './conversion-group.ts';

/** Index of the first trigger in the list that the posted text contains, or undefined (semantics §5). */
export function findTrigger(triggers: readonly ConversionTrigger[], rawText: string): number | undefined {
  const pieces = rawText.split('&').filter((piece) => piece !== '' && nameOf(decode(piece)) !== 'key');
  const searched = { pieces, raw: pieces.join('&') };
  const index = triggers.findIndex((trigger) => trigger.text !== '' && HITS[trigger.mode](trigger.text, searched));
  return index === -1 ? undefined : index;
}

/** Posted text without the key, whole and cut at `&`. */
interface Searched {
  readonly pieces: readonly string[];
  readonly raw: string;
}

/** `parameter` wants the whole `name=value`, or the name alone, so that `presale=true` does not hit `sale=true`. */
const HITS: Readonly<Record<ConversionTrigger['mode'], (text: string, searched: Searched) => boolean>> = {
  substring: (text, { raw }) => raw.includes(text) || decode(raw).includes(text),
  parameter: (text, { pieces }) => pieces.some((piece) => isParameter(piece, text) || isParameter(decode(piece), text)),
};

function isParameter(piece: string, text: string): boolean {
  return piece === text || nameOf(piece) === text;
}

function nameOf(piece: string): string {
  return piece.split('=', 1)[0] ?? '';
}

/** Percent-decoding of a query: `+` is a blank; what is no UTF-8 stays as it is. */
function decode(text: string): string {
  return text.replaceAll('+', ' ').replaceAll(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
