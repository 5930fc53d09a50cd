import type { PaymentEvent } from '@tender/domain';
import { PAYMENT_EVENTS } from '@tender/domain';
import { evidenceOf, wordsOf } from '../../apps/cli/src/audit/event-words';
import { EVENT_SAMPLES } from './event-samples';

it.each(Object.keys(PAYMENT_EVENTS))(
  'the words of %s are a sentence, and no value is missing in them',
  (type) => {
    const event = { type, data: EVENT_SAMPLES[type as PaymentEvent['type']] } as PaymentEvent;
    const told = [wordsOf(event), ...evidenceOf(event)];
    expect(told[0]?.length).toBeGreaterThan(10);
    expect(told.join(' ')).not.toMatch(/undefined|null|NaN|\[object/);
  },
);
