import type { PspName } from '@tender/domain';
import type { CrashPoint, CrashScenario } from './crash-points';
import type { Wish } from './client';
import type { FaultKind } from './faults';

/** What happens to one charge at one PSP, told for whoever asks how it is neither made twice nor lost. */
export interface TimeoutStory extends CrashScenario {
  readonly psp: PspName;
  readonly meaning: string;
  /** Where the worker dies, the first time that it comes there. */
  readonly dies?: Omit<CrashPoint, 'process'>;
}

const MINUTE_MS = 60_000;
const CANCEL_AFTER_MS = 200;

const saleAt = (psp: PspName): Partial<Wish> => ({
  amount: 1_000,
  stripe: psp === 'stripe' ? 'ok' : undefined,
  adyen: psp === 'adyen' ? 'ok' : undefined,
  first: psp,
  capture: 'automatic',
});

/** A notice would tell at once what the searches below find out without one. */
const WITHOUT_A_NOTICE: readonly FaultKind[] = ['webhook_delayed'];

interface Point {
  readonly name: string;
  readonly meaning: string;
  readonly faults: readonly FaultKind[];
  readonly wish?: Partial<Wish>;
  readonly dies?: Omit<CrashPoint, 'process'>;
  readonly silentMs?: number;
}

const POINTS: readonly Point[] = [
  {
    name: 'the connection is refused',
    meaning:
      'The request never left. That is proof, and the only kind of error that is: the attempt ends at once.',
    faults: ['connection_refused'],
  },
  {
    name: 'the request is lost on its way',
    meaning: 'The call times out, and nothing was charged; but nobody knows that yet.',
    faults: ['request_lost'],
  },
  {
    name: 'the PSP has charged, and the reply is lost',
    meaning: 'To the caller it is the same timeout as before. Here the money is taken.',
    faults: ['reply_lost'],
  },
  {
    name: 'the connection breaks after the PSP has charged',
    meaning: 'A reset instead of a timeout: sooner, and no more telling.',
    faults: ['reset_after_commit'],
  },
  {
    name: 'the PSP charges after the deadline',
    meaning:
      'The request is still on its way when the call is given up. Whoever takes “not found” for “not charged” now charges twice.',
    faults: ['success_after_deadline'],
  },
  {
    name: 'the PSP answers with an error of its own',
    meaning: 'A 5xx proves nothing: the charge may have been made before it.',
    faults: ['server_error_stored'],
  },
  {
    name: 'the worker dies before the call leaves',
    meaning: 'The attempt is durable, and the next worker cannot know that nothing was sent.',
    faults: [],
    dies: { call: 'authorize', when: 'before' },
  },
  {
    name: 'the worker dies after the PSP has charged, before it hears of it',
    meaning: 'The reply dies with the process; the key does not.',
    faults: [],
    dies: { call: 'authorize', when: 'after' },
  },
  {
    name: 'the merchant cancels while the charge is on its way, and the PSP charges late',
    meaning:
      'From the wish on, no request leaves that could charge. What comes in spite of it is ended or given back.',
    faults: ['success_after_deadline'],
    wish: { regretAfterMs: CANCEL_AFTER_MS },
  },
  {
    name: 'the PSP is silent for an hour',
    meaning:
      'Longer than a first send may take. The outcome stays unknown until the PSP speaks, however long that is.',
    faults: [],
    silentMs: 60 * MINUTE_MS,
  },
];

export const TIMEOUT_STORIES: readonly TimeoutStory[] = (['stripe', 'adyen'] as const).flatMap((psp) =>
  POINTS.map((point) => ({
    ...point,
    psp,
    wish: { ...saleAt(psp), ...point.wish },
    faults: [...point.faults, ...WITHOUT_A_NOTICE],
  })),
);
