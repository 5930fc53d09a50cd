import { PAYMENT_EVENTS, REFUND_EVENTS } from '@tender/domain';
import { evidenceOf, wordsOf, type StoryEvent } from '../../apps/cli/src/audit/event-words';
import { EVENT_SAMPLES } from './event-samples';

const TYPES = [...Object.keys(PAYMENT_EVENTS), ...Object.keys(REFUND_EVENTS)];

it.each(TYPES)('the words of %s are a sentence, and no value is missing in them', (type) => {
  const event = { type, data: EVENT_SAMPLES[type as StoryEvent['type']] } as StoryEvent;
  const told = [wordsOf(event), ...evidenceOf(event)];
  expect(told[0]?.length).toBeGreaterThan(10);
  expect(told.join(' ')).not.toMatch(/undefined|null|NaN|\[object/);
});
