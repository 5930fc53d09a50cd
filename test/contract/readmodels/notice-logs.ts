import type { WebhookEvent } from '@tender/domain';
import { webhookStream } from '@tender/engine';
import {
  ParkedNoticesModel,
  type LedgerEvent,
  type ReadStore,
  type StoredParkedNotice,
} from '@tender/readmodels';
import * as fc from 'fast-check';

/** What was done about one notice after it had come, by what is recorded then. */
const DONE = {
  parked: { type: 'WebhookNoticeSetAside', data: { as: 'parked', because: 'no_payment' } },
  parkedAnew: { type: 'WebhookNoticeSetAside', data: { as: 'parked', because: 'no_refund' } },
  foreign: { type: 'WebhookNoticeSetAside', data: { as: 'foreign', because: 'no_payment' } },
  ignored: { type: 'WebhookNoticeSetAside', data: { as: 'ignored', because: 'it is not read' } },
  takenUp: { type: 'WebhookNoticeTakenUp', data: { setAsideAs: 'parked' } },
} as const satisfies Readonly<Record<string, WebhookEvent>>;

export type Done = keyof typeof DONE;

/** Each kind of notice at least once: told at once, waiting, told later, waiting again, given up, parked for two reasons. */
const ALWAYS: readonly (readonly Done[])[] = [
  [],
  ['parked'],
  ['parked', 'takenUp'],
  ['parked', 'takenUp', 'parked'],
  ['parked', 'foreign'],
  ['parked', 'parkedAnew'],
  ['ignored', 'parkedAnew'],
];
const EVER_SINCE_MS = Date.parse('2026-03-01T12:00:00.000Z');

export interface NoticeLog {
  readonly events: readonly LedgerEvent[];
  /** Those that wait at its end. */
  readonly waiting: readonly StoredParkedNotice[];
}

export const noticeStream = (name: string): string => webhookStream('stripe', name);

/** The stream of one notice. */
export function noticeEvents(name: string, done: readonly Done[], sinceMs: number): readonly LedgerEvent[] {
  const psp = 'stripe' as const;
  const received = { psp, noticeId: name, fields: { type: 'plain' }, bodySha256: 'ab'.repeat(32) };
  const words: readonly WebhookEvent[] = [
    { type: 'WebhookNoticeReceived', data: received },
    ...done.map((one) => DONE[one]),
  ];
  return words.map(({ type, data }, revision) => ({
    id: `${name}@${revision}`,
    type,
    data,
    stream: noticeStream(name),
    revision: BigInt(revision),
    position: { commit: 0n, prepare: 0n },
    metadata: { recordedAt: new Date(sinceMs + revision).toISOString() },
  }));
}

export function noticeLog(seed: number): NoticeLog {
  const some = fc.array(fc.constantFrom(...(Object.keys(DONE) as readonly Done[])), { maxLength: 4 });
  const all = [...ALWAYS, ...fc.sample(some, { numRuns: 8, seed })];
  const events: LedgerEvent[] = [];
  const waiting: StoredParkedNotice[] = [];
  for (const [at, done] of all.entries()) {
    const its = noticeEvents(`notice_${at}`, done, EVER_SINCE_MS + at * 1_000);
    events.push(...its);
    const last = done.at(-1);
    if (last !== 'parked' && last !== 'parkedAnew') continue;
    const { stream = '', metadata = { recordedAt: '' } } = its[0] ?? {};
    const because = last === 'parked' ? 'no_payment' : 'no_refund';
    waiting.push({ stream, psp: 'stripe', because, since: metadata.recordedAt });
  }
  return { events, waiting };
}

/** The list as the workers keep it. */
export async function parkedIn(store: ReadStore, waiting: readonly StoredParkedNotice[]): Promise<void> {
  const model = new ParkedNoticesModel(store);
  await model.ensureIndexes();
  for (const notice of waiting) await model.park(notice);
}
