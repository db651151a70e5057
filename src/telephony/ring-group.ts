import type { StopReason } from './attempt.ts';
import { BuyerTurn, type TurnOf } from './buyer-turn.ts';
import type { Dialling, Tried } from './dialling.ts';
import type { SipResponse } from './srf.ts';

export type RingMember = Omit<TurnOf, 'isAlone'>;

/**
 * Several buyers ring at the same time; the first 2xx wins and the others are cancelled, or hung up where their 2xx
 * crossed that (semantics §6). With one buyer it is that buyer's turn.
 */
export class RingGroup {
  readonly turns: readonly BuyerTurn[];
  readonly #settled = new Map<BuyerTurn, Promise<void>>();

  constructor(
    members: readonly RingMember[],
    dialling: Dialling,
    onProvisional: (response: SipResponse, isAlone: boolean) => void,
  ) {
    const isAlone = members.length === 1;
    const passOn = (response: SipResponse) => onProvisional(response, isAlone);
    this.turns = members.map((of) => new BuyerTurn({ ...of, isAlone }, dialling, passOn));
  }

  /** The attempt that answered, else the one that failed last; undefined when nothing could be dialled. */
  run(): Promise<Tried | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Tried | undefined>();
    let winner: Tried | undefined;
    let last: Tried | undefined;
    const settled = async (turn: BuyerTurn) => {
      const tried = await turn.run();
      if (tried?.result.kind !== 'answered') last = tried ?? last;
      else if (winner !== undefined) turn.drop(tried, 'answered elsewhere');
      else {
        winner = tried;
        this.#stopOthers(turn);
        resolve(winner);
      }
    };
    for (const turn of this.turns) this.#settled.set(turn, settled(turn));
    Promise.all(this.#settled.values()).then(() => resolve(last), reject);
    return promise;
  }

  /** For a turn that nobody keeps: resolves when no leg of it is left. */
  async gone(turn: BuyerTurn): Promise<void> {
    await this.#settled.get(turn);
    await turn.gone;
  }

  stop(why: StopReason): void {
    for (const turn of this.turns) turn.stop(why);
  }

  #stopOthers(winner: BuyerTurn): void {
    for (const turn of this.turns) if (turn !== winner) turn.stop('answered_elsewhere');
  }
}
