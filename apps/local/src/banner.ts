import type { Stack } from './stack';

export const DEMO_KEY = 'sk_demo_tender';

/** What runs where, and the first payment: everything a newcomer needs, on one screen. */
export function banner(stack: Stack, facts: { readonly dataPath: string; readonly seconds: string }): string {
  const isLocal = (url: string, name: string): string =>
    url.includes('127.0.0.1') ? `embedded ${name}, ` : '';
  const lines = [
    `Tender is ready (${facts.seconds} s)`,
    '',
    `  API              ${stack.apiUrl}   docs at /docs, OpenAPI at /openapi.json, metrics at /metrics`,
    `  Stripe simulator ${stack.stripeUrl}   the truth at /_sim/truth, faults at PUT /_sim/faults`,
    `  event store      ${isLocal(stack.eventStoreUrl, 'EventStoreDB-compatible server')}${withoutSecrets(stack.eventStoreUrl)}`,
    `  read store       ${isLocal(stack.mongoUri, 'MongoDB-compatible server')}${withoutSecrets(stack.mongoUri)}`,
    '  timers           in process, derived again from the open payments after a restart (no Redis)',
    `  data and logs    ${facts.dataPath}   (npm run reset removes them)`,
    `  key              ${DEMO_KEY}   (demo merchant, embedded stack only)`,
    '',
    '  Charge a card:',
    '',
    `    curl -s ${stack.apiUrl}/v1/payments \\`,
    `      -H 'Authorization: Bearer ${DEMO_KEY}' -H 'Content-Type: application/json' \\`,
    `      -H "Idempotency-Key: order-$RANDOM" \\`,
    `      -d '{ "amount": 1099, "currency": "USD", "payment_method": "pm_card_visa" }'`,
    '',
    '  Ctrl-C stops everything; the data stays.',
  ];
  return lines.join('\n');
}

/** A URL given by the operator may carry a password; a terminal is no place for it. */
const withoutSecrets = (url: string): string => url.replace(/\/\/[^@/]*@/, '//***@');
