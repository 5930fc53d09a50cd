import { jsonInteger } from '@tender/domain';
import type { RecordedEvent } from '@tender/eventstore';

/**
 * One event of the audit trail as JSON, its data as recorded: field names are the storage format, and amounts (`…Minor`)
 * are JSON integers of minor units. The API and the command line tell the same.
 */
export function representEvent(event: RecordedEvent): Readonly<Record<string, unknown>> {
  const { metadata, position } = event;
  return {
    object: 'event',
    id: event.id,
    type: event.type,
    schema_version: metadata.schemaVersion,
    stream: event.stream,
    revision: Number(event.revision),
    position: `${position.commit}/${position.prepare}`,
    recorded_at: metadata.recordedAt,
    correlation_id: metadata.correlationId,
    causation_id: metadata.causationId,
    actor: metadata.actor,
    data: withIntegers(event.data),
  };
}

function withIntegers(value: unknown): unknown {
  if (typeof value === 'bigint') return jsonInteger(value);
  if (Array.isArray(value)) return value.map(withIntegers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withIntegers(item)]));
}
