import { cancelOperation, captureOperation, updateOperation } from './change-intent';
import { confirmOperation } from './confirm-intent';
import { createIntent } from './create-intent';
import { createRefund } from './create-refund';
import type { FormObject } from './form';
import type { Operation } from './operation';
import { listEvents, retrieveEvent } from './read-events';
import { listIntents, retrieveIntent } from './read-intents';
import { listRefunds, retrieveRefund } from './read-refunds';
import type { Reading } from './reading';

export interface WriteRoute {
  readonly kind: 'write';
  readonly operation: Operation;
  readonly id: string;
}

export interface ReadRoute {
  readonly kind: 'retrieve' | 'list';
  /** The name by which a fault script knows the request. */
  readonly faultOp: 'lookup' | 'list' | 'events';
  /** The object asked for, or an error. */
  answer(query: FormObject, reading: Reading): object;
}

export type Route = WriteRoute | ReadRoute;

interface Collection {
  readonly create?: Operation;
  readonly change?: Operation;
  readonly actions: Readonly<Record<string, Operation>>;
  readonly faultOps: { readonly retrieve: ReadRoute['faultOp']; readonly list: ReadRoute['faultOp'] };
  retrieve(id: string, query: FormObject, reading: Reading): object;
  list(query: FormObject, reading: Reading): object;
}

const COLLECTIONS: Readonly<Record<string, Collection>> = {
  payment_intents: {
    create: createIntent,
    change: updateOperation,
    actions: { confirm: confirmOperation, capture: captureOperation, cancel: cancelOperation },
    faultOps: { retrieve: 'lookup', list: 'list' },
    retrieve: retrieveIntent,
    list: listIntents,
  },
  refunds: {
    create: createRefund,
    actions: {},
    faultOps: { retrieve: 'lookup', list: 'list' },
    retrieve: retrieveRefund,
    list: listRefunds,
  },
  events: {
    actions: {},
    faultOps: { retrieve: 'events', list: 'events' },
    retrieve: retrieveEvent,
    list: listEvents,
  },
};

/** Finds the API method; undefined for a URL that the API does not have. */
export function routeOf(method: string, path: string): Route | undefined {
  const [, version, name = '', id, action, ...rest] = path.split('/');
  const collection = Object.hasOwn(COLLECTIONS, name) ? COLLECTIONS[name] : undefined;
  if (version !== 'v1' || collection === undefined || id === '' || rest.length > 0) return undefined;
  if (method === 'GET') return action === undefined ? readRoute(collection, id) : undefined;
  if (method !== 'POST') return undefined;
  const operation = operationOf(collection, id, action);
  return operation === undefined ? undefined : { kind: 'write', operation, id: id ?? '' };
}

function readRoute(collection: Collection, id: string | undefined): ReadRoute {
  const { faultOps } = collection;
  return id === undefined
    ? { kind: 'list', faultOp: faultOps.list, answer: (query, reading) => collection.list(query, reading) }
    : {
        kind: 'retrieve',
        faultOp: faultOps.retrieve,
        answer: (query, reading) => collection.retrieve(id, query, reading),
      };
}

function operationOf(
  { create, change, actions }: Collection,
  id: string | undefined,
  action: string | undefined,
): Operation | undefined {
  if (id === undefined) return create;
  if (action === undefined) return change;
  return Object.hasOwn(actions, action) ? actions[action] : undefined;
}
