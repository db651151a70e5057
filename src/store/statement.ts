import { type Compilable, type CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import type { OperationContext } from './store.ts';
import type { Tables } from './tables.ts';

/** Stands in a query where a value comes later: `value.uuid`. */
export type Values<Input> = { readonly [Name in keyof Input]-?: RawBuilder<Input[Name]> };

/** A query that is built and compiled once, then run with changing values: compiling costs more than running. */
export interface Statement<Input, Row> {
  all(context: OperationContext, input: Input): Promise<Row[]>;
  first(context: OperationContext, input: Input): Promise<Row | undefined>;
  /** How many rows it changed. */
  run(context: OperationContext, input: Input): Promise<number>;
}

/** Declares a statement: `statement<{ uuid: string }>()((db, value) => db.selectFrom(…).where('uuid', '=', value.uuid))`. */
export function statement<Input>() {
  return <Row>(build: (db: Kysely<Tables>, value: Values<Input>) => Compilable<Row>): Statement<Input, Row> => {
    const compile = compileOnce(build);
    const execute = ({ db, run }: OperationContext, input: Input) => {
      const compiled = compile(db);
      const parameters = fill(compiled.parameters, input);
      return run === undefined ? executeWith(db, compiled, parameters) : run<Row>(compiled.sql, parameters);
    };
    return {
      all: async (context, input) => (await execute(context, input)).rows,
      first: async (context, input) => (await execute(context, input)).rows[0],
      run: async (context, input) => (await execute(context, input)).changes,
    };
  };
}

async function executeWith<Row>(db: Kysely<Tables>, compiled: CompiledQuery<Row>, parameters: readonly unknown[]) {
  const { rows, numAffectedRows } = await db.executeQuery<Row>({ ...compiled, parameters });
  return { rows, changes: Number(numAffectedRows ?? 0) };
}

class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** One compiled query per dialect in use; all connections of a database share their adapter. */
function compileOnce<Input, Row>(build: (db: Kysely<Tables>, value: Values<Input>) => Compilable<Row>) {
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  return (db: Kysely<Tables>): CompiledQuery<Row> => {
    const { adapter } = db.getExecutor();
    const known = compiled.get(adapter);
    if (known !== undefined) return known;
    const fresh = build(db, placeholders<Input>()).compile();
    compiled.set(adapter, fresh);
    return fresh;
  };
}

function placeholders<Input>(): Values<Input> {
  const get = (_: object, name: string | symbol) => sql.val(new Placeholder(String(name)));
  return new Proxy({}, { get }) as Values<Input>;
}

function fill<Input>(parameters: readonly unknown[], input: Input): unknown[] {
  return parameters.map((parameter) =>
    parameter instanceof Placeholder ? input[parameter.name as keyof Input] : parameter,
  );
}
