import type { Payment, PaymentCommand, PaymentEvent } from '@tender/domain';
import { paymentDecider } from '@tender/domain';
import { SOME_TIME } from './given';
import { initiate } from './payment-samples';

export interface Told {
  readonly payment: Payment;
  readonly events: readonly PaymentEvent[];
}

/** A payment as any order of commands leaves it: refusals and "nothing" are part of life. */
export function tell(commands: readonly PaymentCommand[], first: PaymentCommand = initiate()): Told {
  const events: PaymentEvent[] = [];
  let state: Payment | null = null;
  for (const command of [first, ...commands]) {
    const decision = paymentDecider.decide(command, state);
    if (decision.kind !== 'record') continue;
    for (const event of decision.events) state = paymentDecider.evolve(state, event, SOME_TIME);
    events.push(...decision.events);
  }
  if (state === null) throw new Error('the first command makes a payment');
  return { payment: state, events };
}

/** The types of what the last command records, after all the others. */
export function recordedLast(commands: readonly PaymentCommand[], first?: PaymentCommand): readonly string[] {
  const before = tell(commands.slice(0, -1), first).events.length;
  return tell(commands, first)
    .events.slice(before)
    .map(({ type }) => type);
}
