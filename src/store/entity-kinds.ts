import type { EntityList } from '../domain/account-document.ts';
import type { EntityRow } from './tables.ts';

/** What a row of each list is called. */
export const ENTITY_KINDS: Readonly<Record<EntityList, EntityRow['kind']>> = {
  carriers: 'carrier',
  gateways: 'gateway',
  publishers: 'publisher',
  buyers: 'buyer',
  campaigns: 'campaign',
  numbers: 'number',
};
