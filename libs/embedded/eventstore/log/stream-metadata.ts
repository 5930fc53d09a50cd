import { INT64_MAX, INT64_MAX_TEXT } from './wire';

/** What `$metadata` says about a stream (EventStoreDB 24.10). Unknown keys belong to the application. */
export interface StreamMetadata {
  readonly maxCount?: number;
  readonly maxAgeSeconds?: number;
  /** Events below this revision are hidden; {@link INT64_MAX} means the stream is soft-deleted. */
  readonly truncateBefore?: number;
  readonly acl?: StreamAcl;
}

/** Each key lists the users and groups that may; a missing key falls back to the default for the stream. */
export interface StreamAcl {
  readonly $r?: readonly string[];
  readonly $w?: readonly string[];
  readonly $d?: readonly string[];
  readonly $mr?: readonly string[];
  readonly $mw?: readonly string[];
}

export const METADATA_EVENT = '$metadata';
const NO_METADATA: StreamMetadata = {};
const ACL_KEYS = ['$r', '$w', '$d', '$mr', '$mw'] as const;

/** Only the last `$metadata` event counts, so a metastream behaves as if it kept one event. */
export const METASTREAM_METADATA: StreamMetadata = { maxCount: 1 };

export const isMetastream = (stream: string): boolean => stream.startsWith('$$');
export const metastreamOf = (stream: string): string => `$$${stream}`;
export const originalOf = (metastream: string): string => metastream.slice(2);
export const isSoftDeleted = (metadata: StreamMetadata): boolean =>
  (metadata.truncateBefore ?? 0) >= INT64_MAX;

/** A payload that does not parse, or holds a value out of range, counts as empty metadata, as on EventStoreDB. */
export function parseStreamMetadata(data: Buffer): StreamMetadata {
  const json = parseObject(data);
  if (json === undefined) return NO_METADATA;
  const maxCount = json.$maxCount;
  const maxAge = json.$maxAge;
  const truncateBefore = json.$tb;
  if (!isAbsentOrAtLeast(maxCount, 1) || !isAbsentOrAtLeast(maxAge, 1)) return NO_METADATA;
  if (!isAbsentOrAtLeast(truncateBefore, 0)) return NO_METADATA;
  const acl = parseAcl(json.$acl);
  if (acl === 'malformed') return NO_METADATA;
  return {
    ...(maxCount === undefined ? {} : { maxCount }),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: maxAge }),
    ...(truncateBefore === undefined ? {} : { truncateBefore }),
    ...(acl === undefined ? {} : { acl }),
  };
}

/** The metadata a soft delete writes. It replaces what was there: limits and access lists are lost, as on EventStoreDB. */
export function softDeleteMetadata(): Buffer {
  return Buffer.from(`{"$tb":${INT64_MAX_TEXT}}`);
}

/** The last metadata with another `$tb`; appending to a soft-deleted stream writes it to undelete the stream. */
export function withTruncateBefore(lastMetadata: Buffer | undefined, revision: number): Buffer {
  const json = lastMetadata === undefined ? {} : parseObject(lastMetadata);
  return Buffer.from(JSON.stringify({ ...json, $tb: revision }));
}

function parseObject(data: Buffer): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(data.toString('utf8'));
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isAbsentOrAtLeast(value: unknown, least: number): value is number | undefined {
  return (
    value === undefined ||
    (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= INT64_MAX)
  );
}

function parseAcl(value: unknown): StreamAcl | undefined | 'malformed' {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) return 'malformed';
  const acl: Partial<Record<(typeof ACL_KEYS)[number], readonly string[]>> = {};
  for (const key of ACL_KEYS) {
    const roles = (value as Record<string, unknown>)[key];
    if (roles === undefined || roles === null) continue;
    const list: unknown[] = Array.isArray(roles) ? roles : [roles];
    if (!list.every((role) => typeof role === 'string')) return 'malformed';
    acl[key] = list;
  }
  return acl;
}
