import type { ConversionTrial } from '../../domain/conversion-trial.ts';
import { formatMoney } from '../../domain/money.ts';

/** What a trial came to; `steps` are the modifier's, one by one. */
export function conversionTrialJson({ groups, group, verdict, windowSeconds }: ConversionTrial) {
  const isConversion = verdict.kind === 'conversion';
  return {
    converted: isConversion,
    conversion_group_id: group?.id ?? null,
    revenue: formatMoney(isConversion ? verdict.revenueMicros : 0),
    payout: formatMoney(isConversion ? verdict.payoutMicros : 0),
    reason: isConversion ? null : verdict.reason,
    steps: isConversion ? verdict.explanation.split('; ') : [],
    postback_timeout_seconds: windowSeconds,
    groups: groups.map(({ id, name, fits, unmet }) => ({ id, name, fits, unmet: unmet ?? null })),
  };
}
