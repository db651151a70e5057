export interface DemoAddresses {
  /** `host:port` of the user agents that play the buyers. */
  readonly buyers: string;
  readonly webhooks: string;
}

export const NUMBER = '+18005550100';

/** Seconds a buyer has to report a sale after a demo call; real accounts wait 600. */
export const POSTBACK_TIMEOUT_SECONDS = 3;

/** The account of the demo: one carrier, two buyers who pay in different ways, webhooks to a publisher and a buyer. */
export function demoAccountFile({ buyers, webhooks }: DemoAddresses): string {
  return `currency: USD
carriers:
  - { id: demo-carrier, name: Demo Carrier, addresses: [127.0.0.1] }
publishers:
  - { id: radio, name: Radio Rancho, tags: { channel: radio } }
buyers:
  - { id: acme, name: Acme Insurance, destinations: ["sip:acme@${buyers}"], ring_timeout_seconds: 10 }
  - { id: bestco, name: Bestco, destinations: ["sip:bestco@${buyers}"], ring_timeout_seconds: 10 }
campaigns:
  - id: auto-insurance
    name: Auto insurance
    routes:
      - { buyer: acme, priority: 1 }
      - { buyer: bestco, priority: 2 }
    conversion_groups:
      - id: acme-sales
        name: Acme pays a share of each sale
        kind: posted_revenue
        matches: ["system_buyer_id==acme"]
        postback_timeout_seconds: ${POSTBACK_TIMEOUT_SECONDS}
        payout_modifier: "*0.8"
      - id: bestco-sales
        name: Bestco pays a fixed price
        kind: trigger
        matches: ["system_buyer_id==bestco"]
        postback_timeout_seconds: ${POSTBACK_TIMEOUT_SECONDS}
        triggers:
          - { text: "sale=true", mode: parameter, revenue: 50.00, payout: 30.00 }
    webhooks:
${['answered', 'ended', 'converted', 'not_converted']
  .map((trigger) => {
    const url = `${webhooks}/${trigger}?call=[call_uuid]&buyer=[buyer_name]&revenue=[revenue]&payout=[payout]&late=[late]`;
    return `      - { id: publisher-${trigger}, trigger: ${trigger}, method: ${trigger === 'answered' ? 'HEAD' : 'POST'}, url: "${url}" }`;
  })
  .join('\n')}
numbers:
  - { number: "${NUMBER}", campaign: auto-insurance, publisher: radio }
`;
}
