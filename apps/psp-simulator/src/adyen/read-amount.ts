import { isAmount, isCurrency } from './amounts';
import { invalid, type ApiError } from './api-error';
import { isObject, textOf, type JsonObject } from './operation';

export interface Amount {
  readonly value: number;
  readonly currency: string;
}

export function readAmount(request: JsonObject): Amount | ApiError {
  const { amount } = request;
  if (!isObject(amount)) return invalid('100', 'No amount specified');
  const currency = textOf(amount, 'currency');
  if (currency === null || !isCurrency(currency)) return invalid('138', 'Unsupported currency specified');
  const { value } = amount;
  return typeof value === 'number' && isAmount(value, currency)
    ? { value, currency }
    : invalid('137', 'Invalid amount specified');
}
