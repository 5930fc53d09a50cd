import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Query } from './query/query';
import type { Filter } from './query/filter';
import type { Plan } from './query/plan';
import type { Collection } from './storage/catalog';

/**
 * Collects each distinct shape of use: command, collection, operators by path, order, and the index that served it.
 * The list is checked in, so that a newly used feature, or an index no longer used, shows in review.
 */
export class Audit {
  private readonly seen = new Set<string>();

  constructor(private readonly file: string | undefined) {
    if (file !== undefined && existsSync(file)) {
      for (const line of readFileSync(file, 'utf8').split('\n')) this.seen.add(line);
    }
  }

  get enabled(): boolean {
    return this.file !== undefined;
  }

  record(command: string, { name }: Collection, { filter, sort }: Query, { index, sorted }: Plan): void {
    if (this.file === undefined) return;
    const order = sort.map(({ path, descending }) => `${path}:${descending ? -1 : 1}`).join(',');
    const how = sort.length === 0 ? '' : sorted ? ' in order' : ' sorted in memory';
    const access = index === undefined ? 'COLLSCAN' : `IXSCAN ${index.name}`;
    this.add(`${command} ${name} {${shapeOf(filter)}} [${order}] ${access}${how}`);
  }

  /** A feature that has no filter, such as an update operator. */
  recordUse(command: string, collection: string, use: string): void {
    if (this.file !== undefined) this.add(`${command} ${collection} ${use}`);
  }

  private add(line: string): void {
    if (this.file === undefined || this.seen.has(line)) return;
    this.seen.add(line);
    appendFileSync(this.file, `${line}\n`);
  }
}

function shapeOf({ conditions, alternatives }: Filter): string {
  const own = conditions.map(({ path, operator }) => `${path}:${operator}`);
  const branches = alternatives.map((list) => `or(${list.map(shapeOf).join('|')})`);
  return [...own, ...branches].join(',');
}
