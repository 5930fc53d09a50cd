import { uuidOf } from '@tender/domain';
import { Problem } from '../http/problem';

/** An id of the wrong form names nothing, as much as an unknown one. */
export function refundIdFrom(id: string): string {
  const uuid = uuidOf('re', id);
  if (uuid === undefined) throw new Problem('not_found');
  return uuid;
}
