import type { Value } from '../values/value';
import type { Filter } from './filter';
import type { SortField } from './order';

/** What a read asks for, compiled. */
export interface Query {
  readonly filter: Filter;
  readonly sort: readonly SortField[];
  readonly hint: Value | string | undefined;
  readonly skip: number;
  /** 0: all. */
  readonly limit: number;
}
