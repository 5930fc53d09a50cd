import { invalidRequest, noSuchObject } from './api-error';
import { EVENT_LIFE_MS } from './event';
import { eventJson } from './event-json';
import type { FormObject } from './form';
import { LIST_PARAMS, listJson, readListParams } from './list-params';
import { Params } from './params';
import { hiddenFromMs, type Reading } from './reading';

/** Source: Stripe docs, "List all events": up to 20 names of types. */
export const TYPES_MAX = 20;

const RETRIEVE_KNOWN = new Set(['expand']);
const LIST_KNOWN = new Set<string>([...LIST_PARAMS, 'delivery_success', 'type', 'types']);

const oldestMs = ({ nowMs }: Reading): number => nowMs - EVENT_LIFE_MS;

/** `GET /v1/events/:id` */
export function retrieveEvent(id: string, query: FormObject, reading: Reading): object {
  const { problem } = new Params(query, RETRIEVE_KNOWN);
  if (problem !== undefined) return problem;
  const event = reading.events.get(id);
  return event === undefined || event.createdMs < oldestMs(reading)
    ? noSuchObject('event', id, 404, 'id')
    : eventJson(event, 0, reading.view);
}

/** `GET /v1/events` */
export function listEvents(query: FormObject, reading: Reading): object {
  const params = new Params(query, LIST_KNOWN);
  const type = params.text('type');
  const types = params.texts('types');
  if (type !== null && types.length > 0) params.wrong('Pass type or types, not both.', undefined, 'types');
  if (types.length > TYPES_MAX) {
    return invalidRequest(`You can filter by up to ${TYPES_MAX} types.`, undefined, 'types');
  }
  const isWanted = matcher(type === null ? types : [type]);
  return listJson(
    'event',
    '/v1/events',
    readListParams(params, [], hiddenFromMs(reading)),
    (page) =>
      reading.events.page({ ...page, fromMs: Math.max(page.fromMs, oldestMs(reading)) }, (event) =>
        isWanted(event.type),
      ),
    (event) => eventJson(event, 0, reading.view),
  );
}

/** `charge.*` stands for all events of charges. */
function matcher(wanted: readonly string[]): (type: string) => boolean {
  if (wanted.length === 0) return () => true;
  return (type) =>
    wanted.some((one) => one === type || (one.endsWith('.*') && type.startsWith(one.slice(0, -1))));
}
