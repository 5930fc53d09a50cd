import type { OperationOutcome, PaymentEvent, PaymentState } from '@tender/domain';
import { evolvePayment, reactToPayment } from '@tender/domain';
import { timestampOf } from '@tender/engine';
import type { Note } from '@tender/testing';
import type { TimeoutStory } from './timeout-stories';

/** A story and what was noted of it, in order. */
export interface ToldStory {
  readonly story: TimeoutStory;
  readonly notes: readonly Note[];
  /** What the PSP holds for us at the end. */
  readonly held: readonly string[];
}

interface Line {
  readonly who: string;
  readonly text: string;
}

const TITLES = { stripe: 'Stripe', adyen: 'Adyen' } as const;

/** What happens when a charge call gets no answer, as a page. */
export function timeoutsPage(told: readonly ToldStory[]): string {
  return [
    '# When a charge call times out',
    '',
    'Written by `test/simulation/timeouts.spec.ts` from simulation runs; do not edit. `UPDATE_GOLDEN=1` before the test writes it again.',
    '',
    ...INTRODUCTION,
    '',
    ...(['stripe', 'adyen'] as const).flatMap((psp) => [
      `## ${TITLES[psp]}`,
      '',
      CHARACTER[psp],
      '',
      ...told.filter(({ story }) => story.psp === psp).flatMap(storyLines),
    ]),
  ].join('\n');
}

const INTRODUCTION = [
  'How is a payment neither charged twice nor lost when nobody knows whether the PSP has charged? By five rules, and this page shows them at work:',
  '',
  '1. **Recorded before it is sent.** `AttemptStarted` is durable, with the PSP’s idempotency key in it, before the call leaves. Whoever comes after a crash sends the same request under the same key.',
  '2. **Unknown is a state, not an error.** Whatever is neither a clear answer nor proof that nothing was processed becomes `AttemptOutcomeUnknown`. No timer, no number of tries and no age turns it into a “no”.',
  '3. **Only evidence ends it.** The same key again while the PSP surely keeps it and the time for a first send is not over; then look-ups, where “not found” counts twice and only after the PSP’s settling time; the PSP’s own notice at any time; where there are no look-ups, a cancel by our own reference, and its proof.',
  '4. **No second PSP before proof about the first.** The failover gate takes a proof of “not charged” as its argument; there is no other way to it.',
  '5. **What surfaces late is given back.** A success for an attempt that had ended is recorded and reversed by the same decision.',
  '',
  'Each table is one run of the production core on simulated time, by the PSP’s own books beside it. Notices of the PSP are delayed in all of them, since one would tell at once what the search finds out without it; other runs have them early, late, twice and never. Times count from the request, as m:ss. “Later” names the next look that the process manager asks for; the pauses double, up to an hour, and have jitter. The merchant hears when it asks: some times in the first minute, and then hours later.',
  '',
  'Nothing is posted to a ledger for an unknown outcome. The line below each table names the event that proves the money, and that a journal hangs on once the ledger is there.',
];

const CHARACTER = {
  stripe:
    'Stripe can be asked for a charge by our reference, stores its own errors under the key for ever, and keeps keys for a day.',
  adyen:
    'Adyen cannot be asked: there is the same key, kept for seven days, its notices, and a cancel by our own reference, which Adyen only receives and answers by a notice.',
} as const;

function storyLines({ story, notes, held }: ToldStory): string[] {
  const beginsMs = notes[0]?.atMs ?? 0;
  const end = endOf(notes);
  return [
    `### ${TITLES[story.psp]}: ${story.name}`,
    '',
    story.meaning,
    '',
    '| at | who | what |',
    '|---|---|---|',
    ...rowsOf(notes, beginsMs),
    '',
    `Ends as **${end}**; the PSP holds ${held.length === 0 ? 'nothing' : held.join(' and ')}. ${posted(notes, beginsMs)}`,
    '',
  ];
}

function rowsOf(notes: readonly Note[], beginsMs: number): string[] {
  let state: PaymentState = null;
  let lastTold = '';
  const rows: string[] = [];
  for (const note of notes) {
    const at = timeText(note.atMs - beginsMs);
    const event = eventOf(note);
    if (event !== undefined) {
      state = evolvePayment(state, event, timestampOf(note.atMs));
      const effect = state === null ? undefined : reactToPayment(event, state, note.atMs);
      const later = effect?.kind === 'schedule' ? `; later: a look in ${pauseText(effect.afterMs)}` : '';
      rows.push(`| ${at} | stream | \`${event.type}\`${detailOf(event)}${later} |`);
      continue;
    }
    const line = lineOf(note);
    if (line === undefined || (line.who === 'merchant' && line.text === lastTold)) continue;
    if (line.who === 'merchant') lastTold = line.text;
    rows.push(`| ${at} | ${line.who} | ${line.text} |`);
  }
  return rows;
}

/** Events are noted by their types; everything else in words. */
const eventOf = ({ what, detail }: Note): PaymentEvent | undefined =>
  /^[A-Z][A-Za-z]+$/.test(what) ? ({ type: what, data: detail } as PaymentEvent) : undefined;

/** The fields of an event that tell a reader something, in the order of reading. */
const TELLING = ['purpose', 'rung', 'answer', 'why', 'code', 'because'] as const;

function detailOf({ data }: PaymentEvent): string {
  const fields: Readonly<Record<string, unknown>> = { ...data };
  const words = TELLING.flatMap((name) => (typeof fields[name] === 'string' ? [fields[name]] : []));
  if (fields.keyBurnt === true) words.push('the key is burnt');
  return words.length === 0 ? '' : `: ${words.join(', ')}`;
}

function lineOf({ what, detail }: Note): Line | undefined {
  if (what === 'answered') return toldMerchant(detail as ToldMerchant);
  if (what === 'charged at the PSP') return { who: 'PSP’s books', text: '**the money is taken**' };
  if (what === 'given back by the PSP') return { who: 'PSP’s books', text: '**the money is given back**' };
  if (what.endsWith(' dies')) return { who: what.slice(0, -' dies'.length), text: 'dies' };
  const answer = / answers (.+)$/.exec(what)?.[1];
  if (answer !== undefined)
    return { who: 'reply', text: `${answer}: ${answerText(detail as OperationOutcome)}` };
  const call = /^(?:stripe|adyen) (.+)$/.exec(what)?.[1];
  return call === undefined
    ? undefined
    : { who: 'call', text: `${call}, under the key \`…${keyEnd(detail as string)}\`` };
}

interface ToldMerchant {
  readonly kind: string;
  readonly payment?: { readonly status: string };
  readonly settled?: string;
}

const toldMerchant = ({ payment, settled }: ToldMerchant): Line | undefined =>
  payment && {
    who: 'merchant',
    text: `is told \`${payment.status}\`${settled === undefined ? ', and to ask again' : ''}`,
  };

const answerText = (outcome: OperationOutcome): string =>
  'why' in outcome ? `${outcome.kind}, ${outcome.why}` : outcome.kind;

/** The attempt's id is of no interest to a reader. */
const keyEnd = (key: string): string => key.slice(key.indexOf('-'));

const MONEY_EVENTS: ReadonlySet<string> = new Set(['PaymentCaptured', 'LateSuccessFound', 'ChargeReversed']);

function posted(notes: readonly Note[], beginsMs: number): string {
  const proofs = notes.filter(({ what }) => MONEY_EVENTS.has(what));
  if (proofs.length === 0) return 'Nothing is to be posted.';
  const named = proofs.map(({ what, atMs }) => `\`${what}\` at ${timeText(atMs - beginsMs)}`);
  return `To be posted: ${named.join(', ')}; nothing before.`;
}

function endOf(notes: readonly Note[]): string {
  let state: PaymentState = null;
  for (const note of notes) {
    const event = eventOf(note);
    if (event !== undefined) state = evolvePayment(state, event, timestampOf(note.atMs));
  }
  return state?.status ?? 'nothing';
}

const timeText = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${(Math.floor(ms / 100) / 10 - Math.floor(ms / 60_000) * 60).toFixed(1).padStart(4, '0')}`;

const pauseText = (ms: number): string =>
  ms < 60_000 ? `${ms / 1_000} s` : `${Math.round(ms / 60_000)} min`;
