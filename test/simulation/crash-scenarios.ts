import type { CrashScenario } from './crash-points';
import { REFUND_SCENARIOS } from './refund-scenarios';
import { MONTH_MS } from './simulate';
import { AMOUNT, AT_ADYEN, SALE } from './stories';

const HELD = { ...SALE, capture: 'manual' } as const;
const HELD_AT_ADYEN = { ...AT_ADYEN, capture: 'manual' } as const;
/** Before the first call has its answer or its deadline, and long after. */
const WHILE_IN_DOUBT_MS = 200;
const LATER_MS = 40_000;
const SOLD = `succeeded: ${AMOUNT} authorised, ${AMOUNT} captured; at the PSPs: stripe ${AMOUNT} true`;
const SOLD_ELSEWHERE = `succeeded: ${AMOUNT} authorised, ${AMOUNT} captured; at the PSPs: adyen ${AMOUNT} true`;

/** Canceled with or without a word of an approval, or sold before anybody heard of the wish. */
const CANCELED: readonly string[] = [
  `canceled: ${AMOUNT} authorised, 0 captured; at the PSPs: `,
  'canceled: 0 authorised, 0 captured; at the PSPs: ',
];

/** How a payment begins, and what the world does to it. */
const PAYMENT_SCENARIOS: readonly CrashScenario[] = [
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

/** What is done to an authorisation or a charge, and what ends it. */
const OPERATION_SCENARIOS: readonly CrashScenario[] = [
  { name: 'a sale at Adyen', wish: AT_ADYEN, faults: [] },
  { name: 'a sale at Adyen, the reply is lost', wish: AT_ADYEN, faults: ['reply_lost'] },
  { name: 'a sale at Adyen, charged after the deadline', wish: AT_ADYEN, faults: ['success_after_deadline'] },
  {
    name: 'a sale at Adyen, the notice comes before the reply',
    wish: AT_ADYEN,
    faults: ['webhook_before_reply'],
  },
  { name: 'a capture', wish: { ...HELD, merchant: 'takes all' }, faults: [] },
  { name: 'a capture of a part', wish: { ...HELD, merchant: 'takes a part' }, faults: [] },
  {
    name: 'a capture, its reply is lost',
    wish: { ...HELD, merchant: 'takes all' },
    faults: [],
    later: ['reply_lost'],
  },
  {
    name: 'a capture, a stored error',
    wish: { ...HELD, merchant: 'takes all' },
    faults: [],
    later: ['server_error_stored'],
  },
  {
    name: 'a capture, the issuer says no',
    wish: { ...HELD, merchant: 'takes all' },
    faults: ['capture_refused'],
  },
  { name: 'a capture at Adyen', wish: { ...HELD_AT_ADYEN, merchant: 'takes all' }, faults: [] },
  {
    name: 'a capture of a part at Adyen, its reply is lost',
    wish: { ...HELD_AT_ADYEN, merchant: 'takes a part' },
    faults: [],
    later: ['reply_lost'],
  },
  {
    name: 'a capture at Adyen, the issuer says no later',
    wish: { ...HELD_AT_ADYEN, merchant: 'takes all' },
    faults: ['capture_refused'],
  },
  { name: 'a cancel', wish: { ...HELD, merchant: 'lets go' }, faults: [] },
  {
    name: 'a cancel, its reply is lost',
    wish: { ...HELD, merchant: 'lets go' },
    faults: [],
    later: ['reply_lost'],
  },
  { name: 'a cancel at Adyen', wish: { ...HELD_AT_ADYEN, merchant: 'lets go' }, faults: [] },
  {
    name: 'a cancel while the charge is in doubt',
    wish: { ...SALE, regretAfterMs: WHILE_IN_DOUBT_MS },
    faults: ['reply_lost', 'webhook_delayed'],
    orElse: [...CANCELED, SOLD],
  },
  {
    name: 'a cancel while a charge at Adyen is in doubt',
    wish: { ...AT_ADYEN, regretAfterMs: WHILE_IN_DOUBT_MS },
    faults: ['reply_lost', 'webhook_delayed'],
    orElse: [...CANCELED, SOLD_ELSEWHERE],
  },
  {
    name: 'a cancel at Adyen, the charge comes after the PSP found nothing to end',
    wish: { ...AT_ADYEN, regretAfterMs: WHILE_IN_DOUBT_MS },
    faults: ['success_after_deadline'],
    orElse: [...CANCELED, SOLD_ELSEWHERE],
  },
  {
    name: 'a cancel of a charge that comes late is given back',
    wish: { ...SALE, regretAfterMs: WHILE_IN_DOUBT_MS },
    faults: ['success_after_deadline'],
    orElse: [...CANCELED, SOLD],
  },
  { name: 'a cancel after the sale', wish: { ...SALE, regretAfterMs: LATER_MS }, faults: [] },
  { name: 'the buyer authenticates', wish: { ...SALE, stripe: 'action', buyer: 'passes' }, faults: [] },
  {
    name: 'the buyer fails to authenticate',
    wish: { ...SALE, stripe: 'action', buyer: 'fails' },
    faults: [],
  },
  {
    name: 'the buyer authenticates at Adyen',
    wish: { ...AT_ADYEN, adyen: 'action', buyer: 'passes' },
    faults: [],
  },
  {
    name: 'the buyer authenticates, the reply is lost',
    wish: { ...SALE, stripe: 'action', buyer: 'passes' },
    faults: [],
    later: ['reply_lost'],
  },
  { name: 'the buyer of an Adyen payment stays away', wish: { ...AT_ADYEN, adyen: 'action' }, faults: [] },
  { name: 'an authorisation that nobody captures', wish: HELD, faults: [], lastsMs: MONTH_MS },
  {
    name: 'an authorisation at Adyen that nobody captures',
    wish: HELD_AT_ADYEN,
    faults: [],
    lastsMs: MONTH_MS,
  },
];

/** The stories that are told with a crash at every point. */
export const CRASH_SCENARIOS: readonly CrashScenario[] = [
  ...PAYMENT_SCENARIOS,
  ...OPERATION_SCENARIOS,
  ...REFUND_SCENARIOS,
];

/** The stories with the most ways to go wrong: their crashes are tried in pairs, or every so manyth pair of many. */
export const HOTTEST: readonly { readonly name: string; readonly everyPair: number }[] = [
  { name: 'the reply is lost', everyPair: 23 },
  { name: 'a capture of a part at Adyen, its reply is lost', everyPair: 47 },
  { name: 'a refund, its reply is lost', everyPair: 47 },
];
