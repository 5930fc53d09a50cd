import { noSuchObject } from './api-error';
import type { FormObject } from './form';
import { LIST_PARAMS, listJson, readListParams, unexpandable } from './list-params';
import { REFUND_EXPANDABLE } from './operation';
import { Params } from './params';
import { hiddenFromMs, type Reading } from './reading';
import { refundOf } from './refund';
import type { RefundPlace } from './refund-index';
import { refundJson } from './views';

const RETRIEVE_KNOWN = new Set(['expand']);
const LIST_KNOWN = new Set<string>([...LIST_PARAMS, 'charge', 'payment_intent']);

/** `GET /v1/refunds/:id` */
export function retrieveRefund(id: string, query: FormObject, reading: Reading): object {
  const params = new Params(query, RETRIEVE_KNOWN);
  const expand = params.texts('expand');
  const problem = params.problem ?? unexpandable(expand, REFUND_EXPANDABLE);
  if (problem !== undefined) return problem;
  const place = reading.refunds.get(id);
  return place === undefined ? noSuchObject('refund', id, 404, 'id') : placeJson(place, expand, reading);
}

/** `GET /v1/refunds` */
export function listRefunds(query: FormObject, reading: Reading): object {
  const params = new Params(query, LIST_KNOWN);
  const intentId = params.text('payment_intent');
  const chargeId = params.text('charge');
  return listJson(
    'refund',
    '/v1/refunds',
    readListParams(params, REFUND_EXPANDABLE, hiddenFromMs(reading)),
    (page) =>
      reading.refunds.page(
        page,
        (one) =>
          (intentId === null || one.intentId === intentId) &&
          (chargeId === null || one.chargeId === chargeId),
      ),
    (place, expand) => placeJson(place, expand, reading),
  );
}

function placeJson({ id, intentId }: RefundPlace, expand: readonly string[], reading: Reading): object {
  const intent = reading.intents.get(intentId, reading.nowMs);
  if (intent === undefined) throw new Error(`the refund ${id} belongs to no intent`);
  return refundJson(refundOf(intent, id), intent, expand, reading.view);
}
