import { ExpressionFilter } from '../rpc/event-filter';
import { strategyNames } from './consumer-strategy';

/** Where a group starts when it has no checkpoint: a revision or position (inclusive), or live only. */
export type StartFrom = number | 'end';

/** Times in milliseconds, sizes in events. The defaults are the client's, which always sends all of them. */
export interface GroupSettings {
  readonly resolveLinks: boolean;
  readonly startFrom: StartFrom;
  readonly extraStatistics: boolean;
  /** 0 expires at every tick. */
  readonly messageTimeoutMs: number;
  readonly maxRetryCount: number;
  /** 0 never writes a checkpoint for time alone. */
  readonly checkpointAfterMs: number;
  readonly minCheckpointCount: number;
  readonly maxCheckpointCount: number;
  /** 0 is no limit. */
  readonly maxSubscriberCount: number;
  readonly liveBufferSize: number;
  readonly readBatchSize: number;
  readonly historyBufferSize: number;
  readonly strategy: string;
}

/** One entry of `$persistentSubscriptionConfig`: all that a restart needs. */
export interface GroupDefinition {
  /** `$all` for a group on everything. */
  readonly stream: string;
  readonly group: string;
  readonly settings: GroupSettings;
  /** Groups on `$all` only. */
  readonly filter: ExpressionFilter | undefined;
}

export const ALL_STREAM = '$all';
export const CONFIG_STREAM = '$persistentSubscriptionConfig';
export const CONFIG_EVENT = '$PersistentConfig';

export const groupKey = (stream: string, group: string): string => `${stream}::${group}`;
export const checkpointStream = (key: string): string => `$persistentsubscription-${key}-checkpoint`;
export const parkedStream = (key: string): string => `$persistentsubscription-${key}-parked`;

/** Why EventStoreDB would refuse these settings, if it would. */
export function refusalOf({ stream, settings }: GroupDefinition, lastPosition: number): string | undefined {
  if (settings.readBatchSize >= settings.historyBufferSize)
    return 'Read batch size must be below the buffer size.';
  if (!strategyNames.includes(settings.strategy)) return `Unknown consumer strategy ${settings.strategy}.`;
  if (settings.maxSubscriberCount < 0) return 'The number of consumers must not be negative.';
  const beyond = typeof settings.startFrom === 'number' && settings.startFrom > lastPosition;
  return stream === ALL_STREAM && beyond ? 'The start position lies beyond the end of the log.' : undefined;
}

/** How positions are spelled in checkpoints and infos: a revision, or commit and prepare position. */
export function placeText(stream: string, place: number): string {
  return stream === ALL_STREAM ? `C:${place}/P:${place}` : String(place);
}

/** @returns undefined for text of another kind */
export function parsePlace(text: string): number | undefined {
  const [, revision, commit] = /^(?:(\d+)|C:(\d+)\/P:\d+)$/.exec(text) ?? [];
  const digits = revision ?? commit;
  return digits === undefined ? undefined : Number(digits);
}

export function startText(stream: string, startFrom: StartFrom): string {
  return placeText(stream, startFrom === 'end' ? -1 : startFrom);
}
