import type { Stack } from './stack';

/** What of a stack can be told. */
type Facts = Omit<Stack, 'pids' | 'stop'>;

export const DEMO_KEY = 'sk_demo_tender';

/** What runs where, and the first payments: everything a newcomer needs, on one screen. */
export function banner(stack: Facts, facts: { readonly dataPath: string; readonly seconds: string }): string {
  const { apiUrl, embedded, demoKey } = stack;
  const lines = [
    `Tender is ready (${facts.seconds} s)`,
    '',
    `  API              ${apiUrl}   docs at /docs, OpenAPI at /openapi.json, metrics at /metrics`,
    `  workers          ${stack.workers}   (TENDER_WORKERS)`,
    `  Stripe simulator ${stack.stripeUrl}   the truth at /_sim/truth, faults at PUT /_sim/faults`,
    `  Adyen simulator  ${stack.adyenUrl}   the same`,
    `  event store      ${whose(embedded.eventStore, 'EventStoreDB-compatible server')}, ${withoutSecrets(stack.eventStoreUrl)}`,
    `  read store       ${whose(embedded.readStore, 'MongoDB-compatible server')}, ${withoutSecrets(stack.mongoUri)}`,
    `  timers           ${timers(stack)}`,
    `  data and logs    ${facts.dataPath}   (npm run reset removes them)`,
    `  key              ${demoKey ? `${DEMO_KEY}   (demo merchant, embedded stores only)` : 'one of TENDER_API_KEYS (the demo key is for the embedded stores only)'}`,
    '',
    '  Charge a card, by Stripe and by Adyen:',
    '',
    ...charge(stack, 'pm_card_visa'),
    '',
    ...charge(stack, 'adyen_card_ok'),
    '',
    '  Ctrl-C stops everything; the data stays.',
  ];
  return lines.join('\n');
}

const whose = (isEmbedded: boolean, name: string): string =>
  isEmbedded ? `embedded ${name}` : 'yours, not stopped with this';

function timers({ redisUrl, embedded }: Facts): string {
  if (redisUrl === undefined) {
    return 'in each worker, derived again from the open payments after a restart (no redis-server on the PATH)';
  }
  return `in Redis, ${embedded.redis ? 'a private redis-server' : whose(false, 'Redis')}, ${withoutSecrets(redisUrl)}`;
}

const charge = ({ apiUrl, demoKey }: Facts, token: string): readonly string[] => [
  `    curl -s ${apiUrl}/v1/payments \\`,
  `      -H "Authorization: Bearer ${demoKey ? DEMO_KEY : '$KEY'}" -H 'Content-Type: application/json' \\`,
  `      -H "Idempotency-Key: order-$RANDOM" \\`,
  `      -d '{ "amount": 1099, "currency": "USD", "payment_method": "${token}" }'`,
];

/** A URL given by the operator may carry a password; a terminal is no place for it. */
const withoutSecrets = (url: string): string => url.replace(/\/\/[^@/]*@/, '//***@');
