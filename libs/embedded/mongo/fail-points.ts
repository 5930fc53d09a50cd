import { badValue, Code, CommandError, notBuilt } from './errors';
import type { Filter } from './query/filter';
import type { Collection } from './storage/catalog';
import { duplicateKey } from './storage/index-entries';

import { NULL, stringOf, Type, Value } from './values/value';
import { Statement } from './commands/request';

type PointName = 'failCommand' | 'onPrimaryTransactionalWrite' | 'embeddedUpsertRace';

interface Point {
  times: number;
  skip: number;
  readonly commands: readonly string[];
  readonly errorCode: number | undefined;
  readonly errorLabels: readonly string[] | undefined;
  readonly writeConcernError: Value | undefined;
  readonly closeConnection: boolean;
  readonly blockMs: number;
  readonly appName: string | undefined;
}

export type Fault =
  | { readonly kind: 'close' }
  | { readonly kind: 'error'; readonly code: number; readonly labels: readonly string[] | undefined }
  | { readonly kind: 'writeConcernError'; readonly error: Value };

const isName = (name: string): name is PointName =>
  name === 'failCommand' || name === 'onPrimaryTransactionalWrite' || name === 'embeddedUpsertRace';

/**
 * Faults on demand, as MongoDB's own test commands name them ("failCommand" in the driver specifications), and one of
 * ours: `embeddedUpsertRace` shows the race of two upserts that a server which runs one command at a time never has.
 */
export class FailPoints {
  private readonly points = new Map<PointName, Point>();

  constructor(readonly enabled: boolean) {}

  configure(name: string, mode: Value | undefined, data: Value | undefined): void {
    if (!this.enabled) throw new CommandError(Code.CommandNotFound, "no such command: 'configureFailPoint'");
    if (!isName(name)) throw notBuilt(`fail point ${name}`);
    const { times, skip } = modeOf(mode);
    if (times === 0) this.points.delete(name);
    else this.points.set(name, { times, skip, ...dataOf(data) });
  }

  /** Waits if the point says so, then tells how the command fails, if it does. */
  async beforeCommand(command: string, appName: string | undefined): Promise<Fault | undefined> {
    const point = this.points.get('failCommand');
    if (!point?.commands.includes(command)) return undefined;
    if (point.appName !== undefined && point.appName !== appName) return undefined;
    if (!this.fires('failCommand', point)) return undefined;
    if (point.blockMs > 0) await new Promise((resolve) => setTimeout(resolve, point.blockMs));
    if (point.closeConnection) return { kind: 'close' };
    if (point.errorCode !== undefined)
      return { kind: 'error', code: point.errorCode, labels: point.errorLabels };
    return point.writeConcernError && { kind: 'writeConcernError', error: point.writeConcernError };
  }

  /** True when the reply of a retryable write that was just committed has to get lost. */
  losesReply(): boolean {
    const point = this.points.get('onPrimaryTransactionalWrite');
    return point !== undefined && this.fires('onPrimaryTransactionalWrite', point);
  }

  beforeUpsertInserts(collection: Collection, filter: Filter): void {
    const point = this.points.get('embeddedUpsertRace');
    const [idIndex] = collection.indexes;
    if (point === undefined || idIndex === undefined || !this.fires('embeddedUpsertRace', point)) return;
    const id = filter.conditions.find(({ path, operator }) => path === '_id' && operator === 'eq');
    throw duplicateKey(collection, idIndex, [id?.values[0] ?? NULL]);
  }

  private fires(name: PointName, point: Point): boolean {
    if (point.skip > 0) {
      point.skip--;
      return false;
    }
    if (--point.times <= 0) this.points.delete(name);
    return true;
  }
}

function modeOf(mode: Value | undefined): { times: number; skip: number } {
  if (mode?.type === Type.string) {
    if (stringOf(mode) === 'off') return { times: 0, skip: 0 };
    if (stringOf(mode) === 'alwaysOn') return { times: Number.POSITIVE_INFINITY, skip: 0 };
  }
  if (mode?.type !== Type.object) throw badValue('fail point mode must be off, alwaysOn, {times} or {skip}');
  const given = new Statement(mode, { used: ['times', 'skip'] });
  return { times: given.integer('times') ?? Number.POSITIVE_INFINITY, skip: given.integer('skip') ?? 0 };
}

function dataOf(data: Value | undefined): Omit<Point, 'times' | 'skip'> {
  const given = data && new Statement(data, DATA);
  const strings = (name: string): string[] | undefined => given?.list(name)?.map(stringOf);
  const blocks = given?.boolean('blockConnection') === true;
  return {
    commands: strings('failCommands') ?? [],
    errorCode: given?.integer('errorCode'),
    errorLabels: strings('errorLabels'),
    writeConcernError: given?.object('writeConcernError'),
    closeConnection: given?.boolean('closeConnection') === true,
    blockMs: blocks ? (given.integer('blockTimeMS') ?? 0) : 0,
    appName: given?.string('appName'),
  };
}

const DATA = {
  used: [
    'failCommands',
    'errorCode',
    'errorLabels',
    'writeConcernError',
    'closeConnection',
    'blockConnection',
    'blockTimeMS',
    'appName',
  ],
};
