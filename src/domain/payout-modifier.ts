import createBig, { type Big as BigNumber } from 'big.js';
import { AppError } from './errors.ts';
import { formatMoney, MICROS_PER_UNIT } from './money.ts';

/** A constructor of our own: 40 decimals in divisions, so that only the last rounding is seen. */
const Big = createBig();
Big.DP = 40;

export type ModifierOperator = '*' | '/' | '+' | '-';

/** One `operator number`; the number stays text, for decimals are exact. */
export interface ModifierStep {
  readonly operator: ModifierOperator;
  readonly operand: string;
}

/** What a modifier made of a revenue. */
export interface Payout {
  readonly micros: number;
  /** Step by step, for a person: `10.00 + 2 = 12; 12 * 0.5 = 6; payout 6.00`. */
  readonly explanation: string;
  /** The steps led below zero; the payout was set to 0. */
  readonly wasNegative: boolean;
}

const LONGEST = 200;
const STEP = /([*/+-])(\d+(?:\.\d+)?|\.\d+)/y;
const TYPOGRAPHIC: Readonly<Record<string, ModifierOperator>> = { '×': '*', '÷': '/', '−': '-', '–': '-' };

/** More than any posted revenue allows is a slip of the editor, and would not fit a safe integer of millionths. */
const HIGHEST_REVENUE_MICROS = 1_000_000 * MICROS_PER_UNIT;
const HIGHEST_PAYOUT = 1_000_000_000;

/** `*0.8`, `+2*0.5`; blank = no step. Throws AppError saying what to write instead (semantics §5). */
export function parsePayoutModifier(text: string): ModifierStep[] {
  const compact = text.replaceAll(/\s/g, '').replaceAll(/[×÷−–]/g, (sign) => TYPOGRAPHIC[sign] ?? sign);
  if (compact.length > LONGEST) throw invalid(text, `is longer than ${LONGEST} characters`);
  const steps: ModifierStep[] = [];
  STEP.lastIndex = 0;
  let end = 0;
  for (let found = STEP.exec(compact); found !== null; found = STEP.exec(compact)) {
    steps.push({ operator: found[1] as ModifierOperator, operand: found[2]! });
    end = STEP.lastIndex;
  }
  if (end !== compact.length) throw invalid(text, problemAt(compact, end));
  if (steps.some(({ operator, operand }) => operator === '/' && Number(operand) === 0)) {
    throw invalid(text, 'divides by 0');
  }
  if (applySteps(steps, HIGHEST_REVENUE_MICROS).result.gt(HIGHEST_PAYOUT)) {
    throw invalid(text, 'makes the payout a thousand times the revenue or more');
  }
  return steps;
}

/** The payout for a posted revenue: strictly left to right, rounded once at the end, half up, to cents (semantics §5). */
export function applyPayoutModifier(steps: readonly ModifierStep[], revenueMicros: number): Payout {
  const { result, lines } = applySteps(steps, revenueMicros);
  const wasNegative = result.lt(0);
  const cents = wasNegative ? new Big(0) : result.round(2, Big.roundHalfUp);
  const micros = cents.times(MICROS_PER_UNIT).toNumber();
  const ending = wasNegative ? 'below zero, so payout 0.00' : `payout ${formatMoney(micros)}`;
  const beginning = steps.length === 0 ? ['no modifier: the whole revenue'] : lines;
  return { micros, explanation: [...beginning, ending].join('; '), wasNegative };
}

const APPLY: Readonly<Record<ModifierOperator, (value: BigNumber, operand: string) => BigNumber>> = {
  '*': (value, operand) => value.times(operand),
  '/': (value, operand) => value.div(operand),
  '+': (value, operand) => value.plus(operand),
  '-': (value, operand) => value.minus(operand),
};

function applySteps(steps: readonly ModifierStep[], revenueMicros: number): { result: BigNumber; lines: string[] } {
  let result: BigNumber = new Big(revenueMicros).div(MICROS_PER_UNIT);
  let shown = formatMoney(revenueMicros);
  const lines: string[] = [];
  for (const { operator, operand } of steps) {
    result = APPLY[operator](result, operand.startsWith('.') ? `0${operand}` : operand);
    const next = result.round(6).toFixed();
    lines.push(`${shown} ${operator} ${operand} = ${next}`);
    shown = next;
  }
  return { result, lines };
}

/** What is wrong where reading stopped. */
function problemAt(compact: string, position: number): string {
  const rest = compact.slice(position);
  if (/^[*/+-]/.test(rest)) return `lacks a plain number after "${rest[0]}"`;
  return position === 0 ? 'lacks an operator at its start' : `cannot be read from "${rest.slice(0, 10)}" on`;
}

function invalid(text: string, why: string): AppError {
  return new AppError(
    'payout_modifier_invalid',
    `the payout modifier "${text.slice(0, 40)}" ${why}: write operators * / + - each with a number, like *0.8 or +2*0.5`,
  );
}
