import type { CrashScenario } from './crash-points';
import { AMOUNT, AT_ADYEN, SALE } from './stories';

const REFUND = { ...SALE, refunds: 'all' } as const;
const REFUND_AT_ADYEN = { ...AT_ADYEN, refunds: 'a part' } as const;

/** What is given back, and what schemes and banks take back. */
export const REFUND_SCENARIOS: readonly CrashScenario[] = [
  { name: 'a refund', wish: REFUND, faults: [] },
  { name: 'a refund, its reply is lost', wish: REFUND, faults: [], later: ['reply_lost'] },
  { name: 'a refund, the request is lost', wish: REFUND, faults: [], later: ['request_lost'] },
  { name: 'a refund, a stored error', wish: REFUND, faults: [], later: ['server_error_stored'] },
  { name: 'a refund that the PSP refuses', wish: REFUND, faults: ['refund_refused'] },
  {
    name: 'a refund whose merchant asks once and does not come back',
    wish: REFUND,
    faults: [],
    later: ['client_gave_up'],
    // nobody has asked, where the request died with its process
    orElse: [`succeeded: ${AMOUNT} authorised, ${AMOUNT} captured; at the PSPs: stripe ${AMOUNT} true`],
  },
  {
    name: 'refunds in parts',
    wish: { ...SALE, refunds: 'in parts' },
    faults: [],
    // the last of them asks for all that is left
    orUnheard: [
      `succeeded: ${AMOUNT} authorised, ${AMOUNT} captured; at the PSPs: stripe ${AMOUNT} true; refunds: 333 settled, 667 settled`,
    ],
  },
  { name: 'a refund of a part at Adyen', wish: REFUND_AT_ADYEN, faults: [] },
  {
    name: 'a refund at Adyen, its reply is lost',
    wish: REFUND_AT_ADYEN,
    faults: [],
    later: ['reply_lost'],
  },
  {
    name: 'a refund at Adyen that is refused later, and given up',
    wish: { ...REFUND_AT_ADYEN, afterRefundFailed: 'gives it up' },
    faults: ['refund_refused'],
  },
  {
    name: 'a refund that comes back days later, and is tried again',
    wish: { ...REFUND, afterRefundFailed: 'tries again' },
    faults: ['refund_failed_late'],
  },
  {
    name: 'a refund at Adyen that comes back days later, and is tried again',
    wish: { ...REFUND_AT_ADYEN, afterRefundFailed: 'tries again' },
    faults: ['refund_failed_late'],
  },
  {
    name: 'a refund that comes back days later, and is given up',
    wish: { ...REFUND, afterRefundFailed: 'gives it up' },
    faults: ['refund_failed_late'],
  },
  {
    name: 'a dispute that is won',
    wish: SALE,
    faults: ['disputed'],
    schemes: { asksFirst: false, takesAll: true, wins: true },
  },
  {
    name: 'a dispute that is lost',
    wish: SALE,
    faults: ['disputed'],
    schemes: { asksFirst: false, takesAll: true, wins: false, wonAfterAll: false },
  },
  {
    name: 'an inquiry of a bank that comes to nothing',
    wish: SALE,
    faults: ['disputed'],
    schemes: { asksFirst: true, asksNoMore: true },
  },
  {
    name: 'a dispute at Adyen that is won, and lost by a second chargeback',
    wish: AT_ADYEN,
    faults: ['disputed'],
    schemes: { asksFirst: true, asksNoMore: false, takesAll: true, wins: true, losesAgain: true },
  },
  {
    name: 'a capture at Adyen that falls back',
    wish: AT_ADYEN,
    faults: ['capture_fell_back'],
    schemes: { takenAgain: false },
  },
  {
    name: 'a capture at Adyen that falls back, and is taken again',
    wish: AT_ADYEN,
    faults: ['capture_fell_back'],
    schemes: { takenAgain: true, fallsAgain: false },
  },
];
