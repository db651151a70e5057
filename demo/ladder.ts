import { blue, bold, cyan, dim, green, maskKey, padEnd, red } from '../src/cli/style.ts';

const COLUMN = 27;
const LINES = ['│', '│', '│'] as const;

export type Side = 'carrier' | 'buyer';

/** Draws one call as a ladder of messages between carrier, bridge and buyer, a line at a time as they happen. */
export class Ladder {
  readonly #started = performance.now();
  readonly #write: (line: string) => void;

  constructor(title: string, write: (line: string) => void) {
    this.#write = write;
    write('');
    write(`  ${bold(title)}`);
    write('');
    const heads = ['carrier', 'bridge', 'buyer'].map((head) => padEnd(bold(head), COLUMN));
    write(`  ${' '.repeat(7)}${heads.join('')}`.trimEnd());
  }

  /** A SIP message on the carrier's or on the buyer's side; `toBridge` gives its direction. */
  message(side: Side, toBridge: boolean, text: string, note = ''): void {
    const rightwards = (side === 'carrier') === toBridge;
    const arrow = drawArrow(colourOf(text)(text), text.length, rightwards);
    const cells =
      side === 'carrier' ? [LINES[0], arrow, LINES[1], gap(), LINES[2]] : [LINES[0], gap(), LINES[1], arrow, LINES[2]];
    this.#line(cells.join(''), note);
  }

  /** The two headers as the buyer read them, the key masked. */
  headers({ uuid, key }: { uuid: string; key: string }): void {
    this.note(`${dim('X-PH-RetreaverUUID:')} ${uuid}`);
    this.note(`${dim('X-PH-RetreaverKey:')}  ${maskKey(key)}`);
  }

  /** Something beside SIP. */
  note(text: string): void {
    this.#line([LINES[0], gap(), LINES[1], gap(), LINES[2]].join(''), text);
  }

  #line(drawing: string, note: string): void {
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(2);
    this.#write(`  ${dim(`${seconds.padStart(5)}s`)} ${drawing}${note === '' ? '' : `  ${note}`}`);
  }
}

function gap(): string {
  return ' '.repeat(COLUMN - 1);
}

function drawArrow(label: string, length: number, rightwards: boolean): string {
  const shaft = dim('─'.repeat(Math.max(2, COLUMN - 1 - length - 5)));
  return rightwards ? ` ${label} ${shaft}${dim('─▶')} ` : ` ${dim('◀─')}${shaft} ${label} `;
}

function colourOf(text: string): (text: string) => string {
  if (/^[45]\d\d/.test(text)) return red;
  if (text.startsWith('2')) return green;
  return text.startsWith('1') ? cyan : blue;
}
