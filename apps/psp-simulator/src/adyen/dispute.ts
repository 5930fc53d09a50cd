/** Source: Adyen docs, "Dispute webhooks". */
export type DisputeEvent =
  | 'REQUEST_FOR_INFORMATION'
  | 'NOTIFICATION_OF_CHARGEBACK'
  | 'CHARGEBACK'
  | 'CHARGEBACK_REVERSED'
  | 'SECOND_CHARGEBACK'
  | 'ISSUER_RESPONSE_TIMEFRAME_EXPIRED'
  | 'DISPUTE_DEFENSE_PERIOD_ENDED';

/** A dispute goes by its script from the moment at which the money is taken: a step becomes visible when it is due. */
export interface Dispute {
  readonly pspReference: string;
  readonly value: number;
  readonly steps: readonly { readonly eventCode: DisputeEvent; readonly atMs: number }[];
}

/** What each step makes of the amount; the others leave it where it is. */
const WITHDRAWN: Readonly<Partial<Record<DisputeEvent, boolean>>> = {
  CHARGEBACK: true,
  CHARGEBACK_REVERSED: false,
  SECOND_CHARGEBACK: true,
};

/** From the buyer's side, as in the truth of every PSP: `succeeded` is money that the merchant has lost. */
const ENDS: Readonly<Partial<Record<DisputeEvent, 'succeeded' | 'failed'>>> = {
  ISSUER_RESPONSE_TIMEFRAME_EXPIRED: 'failed',
  SECOND_CHARGEBACK: 'succeeded',
  DISPUTE_DEFENSE_PERIOD_ENDED: 'succeeded',
};

const passed = ({ steps }: Dispute, nowMs: number): readonly DisputeEvent[] =>
  steps.flatMap(({ eventCode, atMs }) => (nowMs < atMs ? [] : [eventCode]));

/** What is out of the merchant's balance by a dispute. */
export function withdrawnValue(dispute: Dispute | undefined, nowMs: number): number {
  if (dispute === undefined) return 0;
  const isOut = passed(dispute, nowMs).findLast((eventCode) => WITHDRAWN[eventCode] !== undefined);
  return isOut !== undefined && WITHDRAWN[isOut] === true ? dispute.value : 0;
}

/** Undefined before anybody has disputed anything. */
export function disputeStatus(
  dispute: Dispute,
  nowMs: number,
): 'pending' | 'succeeded' | 'failed' | undefined {
  const told = passed(dispute, nowMs);
  if (told.length === 0) return undefined;
  return told.map((eventCode) => ENDS[eventCode]).find((end) => end !== undefined) ?? 'pending';
}
