import { EVENT_CATALOG, PAYMENT_EVENTS, REFUND_EVENTS, type EventType } from '@tender/domain';

/** A field as the reader of the stored JSON meets it. */
interface Field {
  readonly path: string;
  readonly type: string;
  readonly example: string;
}

/** The stored form of one event, every field filled. */
export type Sample = Readonly<Record<string, unknown>>;

const AMOUNT = 'Minor';

const isObject = (value: unknown): value is Sample =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function typeOf(path: string, value: unknown): string {
  if (path.endsWith(AMOUNT)) return 'minor units, as decimal text';
  if (Array.isArray(value)) return 'list';
  if (isObject(value)) return 'object';
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) && /^\d{4}-/.test(value)
    ? 'time, RFC 3339'
    : typeof value;
}

/** `a.b` is a field of an object, `a[]` an element of a list. */
function fieldsOf(value: unknown, path = ''): readonly Field[] {
  if (Array.isArray(value)) return fieldsOf(value[0], `${path}[]`);
  if (!isObject(value)) return [{ path, type: typeOf(path, value), example: JSON.stringify(value) }];
  return Object.entries(value).flatMap(([key, item]) => fieldsOf(item, path === '' ? key : `${path}.${key}`));
}

const rowOf = ({ path, type, example }: Field): string =>
  `| \`${path}\` | ${type} | \`${example.replaceAll('|', '\\|')}\` |`;

function streamOf(type: EventType): string {
  if (Object.hasOwn(PAYMENT_EVENTS, type)) return 'payment-<uuid>';
  return Object.hasOwn(REFUND_EVENTS, type) ? 'refund-<uuid>' : 'webhook-<psp>_<hash>';
}

function sectionOf(type: EventType, sample: Sample): string {
  const { version, meaning } = EVENT_CATALOG[type];
  return [
    `## ${type}`,
    '',
    `${meaning} Version ${version}, [sample](../test/golden/events/${type}.v${version}.json).`,
    '',
    '| field | type | example |',
    '| --- | --- | --- |',
    ...fieldsOf(sample).map(rowOf),
  ].join('\n');
}

/**
 * The page of all events, from the catalogue and the golden samples alone.
 *
 * @param sampleOf the stored form of an event's current version
 */
export function renderCatalogue(sampleOf: (type: EventType) => Sample): string {
  const types = Object.keys(EVENT_CATALOG) as EventType[];
  return `${[
    '# Events',
    '',
    'Written by `test/golden/event-catalogue.spec.ts`; do not edit. `UPDATE_GOLDEN=1` before the test writes it again.',
    '',
    'Events are the storage format: a stored field is never renamed or dropped. A change is a new version with an upcaster.',
    'Beside its data each event carries `schemaVersion`, `correlationId`, `causationId`, `commandId`, `actor` and `recordedAt` as',
    'metadata. A field may be `null` where its type in [`libs/domain`](../libs/domain/catalog.ts) says so; the samples have every',
    'field filled.',
    '',
    '| event | stream | version | meaning |',
    '| --- | --- | --- | --- |',
    ...types.map((type) => {
      const { version, meaning } = EVENT_CATALOG[type];
      return `| [${type}](#${type.toLowerCase()}) | \`${streamOf(type)}\` | ${version} | ${meaning} |`;
    }),
    '',
    types.map((type) => sectionOf(type, sampleOf(type))).join('\n\n'),
  ].join('\n')}\n`;
}
