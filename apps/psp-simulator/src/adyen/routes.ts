import {
  cancelOperation,
  captureOperation,
  refundOperation,
  reversalOperation,
  technicalCancelOperation,
} from './modify';
import type { Operation } from './operation';
import { detailsOperation, payOperation } from './pay';

/** Two hosts of one company account: payments are the same, idempotency keys are not. */
export const REGIONS = ['eu', 'us'] as const;
export type Region = (typeof REGIONS)[number];

export interface Route {
  readonly region: Region;
  readonly operation: Operation;
  readonly pspReference: string;
}

const BASE = '/v72';
/** The other region is another host at Adyen; here it is a path before the same one. */
const OTHER_REGION = '/us';
const FIXED: Readonly<Record<string, Operation>> = {
  '/payments': payOperation,
  '/payments/details': detailsOperation,
  '/cancels': technicalCancelOperation,
};
const ACTIONS: Readonly<Record<string, Operation>> = {
  captures: captureOperation,
  cancels: cancelOperation,
  refunds: refundOperation,
  reversals: reversalOperation,
};

/** Finds the API method; undefined for a URL that the API does not have (there is no way to get a payment). */
export function routeOf(method: string, path: string): Route | undefined {
  if (method !== 'POST') return undefined;
  const isOther = path.startsWith(`${OTHER_REGION}/`);
  const region = isOther ? 'us' : 'eu';
  const local = isOther ? path.slice(OTHER_REGION.length) : path;
  if (!local.startsWith(`${BASE}/`)) return undefined;
  const rest = local.slice(BASE.length);
  const fixed = Object.hasOwn(FIXED, rest) ? FIXED[rest] : undefined;
  if (fixed !== undefined) return { region, operation: fixed, pspReference: '' };
  const [, pspReference = '', action = ''] = /^\/payments\/(\w+)\/(\w+)$/.exec(rest) ?? [];
  const operation = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  return operation === undefined ? undefined : { region, operation, pspReference };
}
