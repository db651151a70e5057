import type { Campaign, DialedNumber, Publisher } from './account.ts';

export interface ConfiguredTag {
  readonly name: string;
  readonly value: string;
  readonly source: 'number' | 'publisher' | 'campaign';
}

/** The tags a call starts with: those of its number, publisher and campaign (semantics §4). */
export function configuredTags(
  number: DialedNumber,
  publisher: Publisher | undefined,
  campaign: Campaign,
): readonly ConfiguredTag[] {
  const sources = [
    ['number', number.tags],
    ['publisher', publisher?.tags ?? {}],
    ['campaign', campaign.tags],
  ] as const;
  return sources.flatMap(([source, tags]) =>
    Object.entries(tags).flatMap(([name, values]) => values.map((value) => ({ name, value, source }))),
  );
}
