import { noSuchIntent } from './confirm-intent';
import type { FormObject } from './form';
import { LIST_PARAMS, listJson, readListParams, unexpandable } from './list-params';
import { INTENT_EXPANDABLE } from './operation';
import { Params } from './params';
import { hiddenFromMs, type Reading } from './reading';
import { intentJson } from './views';

const RETRIEVE_KNOWN = new Set(['client_secret', 'expand']);
const LIST_KNOWN = new Set<string>([...LIST_PARAMS, 'customer']);

/** `GET /v1/payment_intents/:id` */
export function retrieveIntent(id: string, query: FormObject, reading: Reading): object {
  const params = new Params(query, RETRIEVE_KNOWN);
  const expand = params.texts('expand');
  const problem = params.problem ?? unexpandable(expand, INTENT_EXPANDABLE);
  if (problem !== undefined) return problem;
  const intent = reading.intents.get(id, reading.nowMs);
  return intent === undefined ? noSuchIntent(id) : intentJson(intent, expand, reading.view);
}

/** `GET /v1/payment_intents` */
export function listIntents(query: FormObject, reading: Reading): object {
  const params = new Params(query, LIST_KNOWN);
  const customer = params.text('customer') ?? undefined;
  return listJson(
    'payment_intent',
    '/v1/payment_intents',
    readListParams(params, INTENT_EXPANDABLE, hiddenFromMs(reading)),
    (page) => reading.intents.list(page, customer, reading.nowMs),
    (intent, expand) => intentJson(intent, expand, reading.view),
  );
}
