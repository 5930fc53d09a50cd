import type { CrashScenario } from './crash-points';

const AMOUNT = 1_000;
const SALE = {
  amount: AMOUNT,
  stripe: 'ok',
  adyen: undefined,
  first: 'stripe',
  capture: 'automatic',
  merchant: 'forgets it',
  buyer: 'stays away',
} as const;
const SOLD = `succeeded: ${AMOUNT} authorised, ${AMOUNT} captured; at the PSPs: stripe ${AMOUNT} true`;
const SOLD_ELSEWHERE = `succeeded: ${AMOUNT} authorised, ${AMOUNT} captured; at the PSPs: adyen ${AMOUNT} true`;

/** The stories that are told with a crash at every point. */
export const CRASH_SCENARIOS: readonly CrashScenario[] = [
  { name: 'a sale', wish: SALE, faults: [] },
  { name: 'an authorisation to capture later', wish: { ...SALE, capture: 'manual' }, faults: [] },
  { name: 'a hard decline', wish: { ...SALE, stripe: 'hard' }, faults: [] },
  {
    name: 'a soft decline, another PSP has a token',
    wish: { ...SALE, stripe: 'soft', adyen: 'ok' },
    faults: [],
  },
  { name: 'a decline by every PSP', wish: { ...SALE, stripe: 'soft', adyen: 'soft' }, faults: [] },
  { name: 'the buyer has to authenticate', wish: { ...SALE, stripe: 'action' }, faults: [] },
  { name: 'pending, then charged', wish: { ...SALE, stripe: 'pendingok' }, faults: [] },
  { name: 'pending, then declined', wish: { ...SALE, stripe: 'pendingno' }, faults: [] },
  { name: 'the request is lost', wish: SALE, faults: ['request_lost'] },
  { name: 'the reply is lost', wish: SALE, faults: ['reply_lost'] },
  { name: 'the reply is lost, a decline', wish: { ...SALE, stripe: 'hard' }, faults: ['reply_lost'] },
  { name: 'a reset after the charge', wish: SALE, faults: ['reset_after_commit'] },
  { name: 'charged after the deadline', wish: SALE, faults: ['success_after_deadline'] },
  { name: 'a stored error', wish: SALE, faults: ['server_error_stored'], orElse: [SOLD] },
  { name: 'an error that was not executed', wish: SALE, faults: ['server_error_not_executed'] },
  { name: 'a slow PSP', wish: SALE, faults: ['slow'] },
  { name: 'the connection is refused', wish: SALE, faults: ['connection_refused'], orElse: [SOLD] },
  { name: 'too many requests at the PSP', wish: SALE, faults: ['rate_limited'], orElse: [SOLD] },
  {
    name: 'the connection is refused, another PSP has a token',
    wish: { ...SALE, adyen: 'ok' },
    faults: ['connection_refused'],
    orElse: [SOLD, SOLD_ELSEWHERE],
  },
  {
    name: 'a stored error, and the look-up is down',
    wish: SALE,
    faults: ['server_error_stored', 'lookup_unavailable'],
  },
  { name: 'the append of the request has no reply', wish: SALE, faults: ['append_reply_lost'] },
  { name: 'the append of the request comes late', wish: SALE, faults: ['append_late'] },
  { name: 'the subscription is dropped', wish: SALE, faults: ['subscription_dropped'] },
  { name: 'the read model’s write has no reply', wish: SALE, faults: ['projection_reply_lost'] },
];

/** The story with the most ways to go wrong: its crashes are tried in pairs. */
export const HOTTEST = 'the reply is lost';
