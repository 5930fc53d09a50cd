import { cancelOperation, captureOperation, updateOperation } from './change-intent';
import { confirmOperation } from './confirm-intent';
import { createIntent } from './create-intent';
import type { Operation } from './operation';

export type Route =
  | { readonly kind: 'write'; readonly operation: Operation; readonly id: string }
  | { readonly kind: 'retrieve'; readonly id: string }
  | { readonly kind: 'list' };

const INTENTS = '/v1/payment_intents';
const LIST: Route = { kind: 'list' };
const CREATE: Route = { kind: 'write', operation: createIntent, id: '' };
const ACTIONS: Readonly<Record<string, Operation>> = {
  confirm: confirmOperation,
  capture: captureOperation,
  cancel: cancelOperation,
};

/** Finds the API method; undefined for a URL that the API does not have. */
export function routeOf(method: string, path: string): Route | undefined {
  if (path === INTENTS) {
    if (method === 'POST') return CREATE;
    return method === 'GET' ? LIST : undefined;
  }
  if (!path.startsWith(`${INTENTS}/`)) return undefined;
  const [id = '', action, ...rest] = path.slice(INTENTS.length + 1).split('/');
  if (id === '' || rest.length > 0) return undefined;
  if (method === 'GET') return action === undefined ? { kind: 'retrieve', id } : undefined;
  if (method !== 'POST') return undefined;
  if (action === undefined) return { kind: 'write', operation: updateOperation, id };
  const operation = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  return operation === undefined ? undefined : { kind: 'write', operation, id };
}
