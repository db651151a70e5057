import type { Campaign, Publisher } from '../domain/account.ts';
import type { Buyer } from '../domain/buyer.ts';
import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { EntityRow } from './tables.ts';

/** What operations read of the account; things that were removed are still known to the calls that ran under them. */
export interface Configuration {
  readonly currency: string;
  readonly campaigns: ReadonlyMap<string, Campaign>;
  readonly publishers: ReadonlyMap<string, Publisher>;
  readonly buyers: ReadonlyMap<string, Buyer>;
}

/** Body of the one `account` row. `revision` is new with every change, so it names one state of all entities. */
export interface AccountBody {
  readonly currency: string;
  readonly revision: string;
}

/** Its id among the entities. */
export const ACCOUNT_ROW_ID = 'account';

const EMPTY: Configuration = { currency: 'USD', campaigns: new Map(), publishers: new Map(), buyers: new Map() };

const accountRow = statement<{ id: string }>()((db, value) =>
  db.selectFrom('entities').select('body_json').where('kind', '=', 'account').where('id', '=', value.id),
);

const partyRows = statement<object>()((db) =>
  db.selectFrom('entities').select(['kind', 'id', 'body_json']).where('kind', 'in', ['campaign', 'publisher', 'buyer']),
);

/** What this thread parsed last; the account row it came from tells whether it still holds. */
let newest: { readonly account: string; readonly configuration: Configuration } | undefined;

const readBefore = new WeakMap<OperationContext, Promise<Configuration>>();

/** The configuration as this operation sees it: one row read once, the rest parsed only when it has changed. */
export function readConfiguration(context: OperationContext): Promise<Configuration> {
  let configuration = readBefore.get(context);
  if (configuration === undefined) {
    configuration = read(context);
    readBefore.set(context, configuration);
  }
  return configuration;
}

async function read(context: OperationContext): Promise<Configuration> {
  const row = await accountRow.first(context, { id: ACCOUNT_ROW_ID });
  if (row === undefined) return EMPTY;
  if (newest?.account !== row.body_json) {
    const { currency } = JSON.parse(row.body_json) as AccountBody;
    const parties = await partyRows.all(context, {});
    newest = {
      account: row.body_json,
      configuration: {
        currency,
        campaigns: parsed<Campaign>(parties, 'campaign', LATER_IN_CAMPAIGNS),
        publishers: parsed<Publisher>(parties, 'publisher', {}),
        buyers: parsed<Buyer>(parties, 'buyer', LATER_IN_BUYERS),
      },
    };
  }
  return newest.configuration;
}

type PartyRow = Pick<EntityRow, 'kind' | 'id' | 'body_json'>;

/** What operations read that bodies of removed entities from older versions do not have. */
const LATER_IN_CAMPAIGNS = { repeatCallers: { mode: 'off', withinDays: 0, carryTags: 'none' } } as const;
const LATER_IN_BUYERS = { caps: [], timeZone: 'UTC' } as const;

function parsed<Body>(
  rows: readonly PartyRow[],
  kind: EntityRow['kind'],
  later: Partial<Body>,
): ReadonlyMap<string, Body> {
  const ofKind = rows.filter((row) => row.kind === kind);
  return new Map(ofKind.map((row) => [row.id, { ...later, ...(JSON.parse(row.body_json) as Body) }]));
}
