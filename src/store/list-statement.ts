import type { Compilable, Kysely, RawBuilder } from 'kysely';
import { type Statement, statement, type Values } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { Tables } from './tables.ts';

/** Lists are filled up to one of these lengths, so that there are three statements and not one for each length. */
const LENGTHS = [8, 64, 512] as const;
const LONGEST = 512;

/** A query about a list of ids. */
export interface ListStatement<Input, Row> {
  /** Long lists are asked for in portions. */
  all(context: OperationContext, ids: readonly string[], input: Input): Promise<Row[]>;
}

/** Like `statement`, with a list: `.where('buyer_id', 'in', ids)`. The query must not mind an id that is given twice. */
export function listStatement<Input>() {
  return <Row>(
    build: (db: Kysely<Tables>, ids: RawBuilder<string>[], value: Values<Input>) => Compilable<Row>,
  ): ListStatement<Input, Row> => {
    const statements = LENGTHS.map((length) => ({ length, query: ofLength(length, build) }));
    const portion = (context: OperationContext, ids: readonly string[], input: Input) => {
      const { length, query } = statements.find((known) => ids.length <= known.length)!;
      return query.all(context, { ...input, ...filledUp(ids, length) });
    };
    return {
      async all(context, ids, input) {
        const rows: Row[] = [];
        for (let at = 0; at < ids.length; at += LONGEST) {
          rows.push(...(await portion(context, ids.slice(at, at + LONGEST), input)));
        }
        return rows;
      },
    };
  };
}

type WithIds<Input> = Input & Record<string, string>;

function ofLength<Input, Row>(
  length: number,
  build: (db: Kysely<Tables>, ids: RawBuilder<string>[], value: Values<Input>) => Compilable<Row>,
): Statement<WithIds<Input>, Row> {
  return statement<WithIds<Input>>()((db, value) => {
    const ids = Array.from({ length }, (_, index) => value[nameOf(index)] as RawBuilder<string>);
    return build(db, ids, value as Values<Input>);
  });
}

function filledUp(ids: readonly string[], length: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length }, (_, index) => [nameOf(index), ids[index] ?? ids[0]!]));
}

function nameOf(index: number): string {
  return `id ${index}`;
}
