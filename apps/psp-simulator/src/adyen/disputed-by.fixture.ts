/** What is told of a payment by each stored method that is known for disputes, in this order. */
export const DISPUTED_BY: Readonly<Record<string, readonly string[]>> = {
  card_inquiry: ['REQUEST_FOR_INFORMATION'],
  card_chargeback: ['NOTIFICATION_OF_CHARGEBACK', 'CHARGEBACK'],
  card_chargeback_won: [
    'NOTIFICATION_OF_CHARGEBACK',
    'CHARGEBACK',
    'CHARGEBACK_REVERSED',
    'ISSUER_RESPONSE_TIMEFRAME_EXPIRED',
  ],
  card_chargeback_lost: [
    'NOTIFICATION_OF_CHARGEBACK',
    'CHARGEBACK',
    'CHARGEBACK_REVERSED',
    'SECOND_CHARGEBACK',
  ],
  card_chargeback_undefended: ['NOTIFICATION_OF_CHARGEBACK', 'CHARGEBACK', 'DISPUTE_DEFENSE_PERIOD_ENDED'],
};
