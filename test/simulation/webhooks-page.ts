import type { Happening } from './webhook-happening';
import { CHAPTERS, type WebhookStory } from './webhook-stories';

export interface ToldWebhookStory {
  readonly story: WebhookStory;
  readonly happenings: readonly Happening[];
}

/** What becomes of a PSP's notice, as a page. */
export const webhooksPage = (told: readonly ToldWebhookStory[]): string =>
  [
    '# What becomes of a PSP’s notice',
    '',
    'Written by `test/simulation/webhooks.spec.ts` from runs; do not edit. `UPDATE_GOLDEN=1` before the test writes it again.',
    '',
    ...INTRODUCTION,
    '',
    '## At a glance',
    '',
    'The answers in their order, and what came of each reading. `applied`: somebody was told news · `known`: it was none any more · `parked`, `foreign`, `ignored`: nobody was told, and the notice’s own stream says why.',
    '',
    '| a notice | answered | came of it |',
    '|---|---|---|',
    ...told.map(glance),
    '',
    ...CHAPTERS.flatMap(({ title, stories }) => [
      `## ${title}`,
      '',
      ...told.filter(({ story }) => stories.includes(story)).flatMap(storyLines),
    ]),
    '## What to watch',
    '',
    ...WATCH,
    '',
  ].join('\n');

const INTRODUCTION = [
  'A PSP tells what it did by itself: once, twice, late, out of order, and sometimes it takes its word back. Four steps keep that harmless:',
  '',
  '1. **Verify, store, answer.** The API checks the signature over the bytes as they came, appends the allowed fields to a stream of the notice’s own, and answers 200 when that is durable. What the notice means is not asked: nothing slow or fallible stands between the PSP and its 200.',
  '2. **Read.** A worker translates the stored fields into the command that the PSP’s reply would have caused, and sends it to the payment or refund.',
  '3. **Whoever is told decides.** Payments and refunds know what they were told, and in which order it happened at the PSP. So reading a notice twice, by two workers, or a month later, ends the same.',
  '4. **Nothing is dropped in silence.** What told nobody anything says so in its own stream, with the reason, and is counted.',
  '',
  '**What the PSP does next** follows from the answer. After a 2xx it is done with the notice. After anything else Stripe sends it again with growing pauses, for three days, and Adyen for days, holding back what comes after it. Nobody repeats a forgery; yet with a wrong secret configured here real notices are refused in the same way, and those days are the time to mend it.',
  '',
  'Each table is one run of the production code on simulated time: the API’s route over HTTP, the translators, the drivers, over a log in memory. `payment`, `refund` and `notice 1` are streams (`payment-…`, `refund-…`, `webhook-<psp>_<hash>`). The payment is of 1099 minor units, the refund of 400. Metrics are shown where they moved, by the values of their labels without `psp`; `tender_webhooks_total` is the API’s, the others are the workers’. At the end of every run all of its notices are read once more, as `tender webhooks replay` does, and nothing is recorded by that. The reasons: [ADR 17](adr/0017-what-becomes-of-a-notice.md); the command: [audit](audit.md#reading-notices-again).',
];

const WATCH = [
  '| metric | it means | what to do |',
  '|---|---|---|',
  '| `tender_webhooks_total` forged, unauthenticated | somebody imitates the PSP, or a secret here is not the PSP’s | compare the secrets while the PSP still repeats; both may be configured during a rotation |',
  '| `tender_webhooks_total` unconfirmed | the event store does not confirm in time | look at the store; the PSP keeps the notices |',
  '| `tender_notices_total` ignored | a type that this release does not read | if it matters: read it in a release, then `tender webhooks replay` |',
  '| `tender_notices_parked`, `tender_notices_parked_oldest_seconds` | notices wait for payments or refunds that are not in this log | nothing while a log is restored; else find out who shares the account |',
  '| `tender_worker_problems_total` refund_failed | money that had been given back is owed again | try the refund again, or give it up |',
  "| `tender_worker_problems_total` money_told_and_not_booked | a PSP moved money of ours by nobody's request here (a refund in its dashboard, a second capture of one authorisation), or tells of a dispute what cannot be read | look at the payment at the PSP: no book of ours has it |",
];

function glance({ story, happenings }: ToldWebhookStory): string {
  const answers = happenings.map(statuses).filter((text) => text !== '');
  const results = happenings.flatMap((happening) => happening.results);
  const anchor = story.name.replace(/[^a-z0-9 -]/gi, '').replaceAll(' ', '-');
  return `| [${story.name}](#${anchor}) | ${answers.join(', ')} | ${results.join(', ') || 'nothing is stored'} |`;
}

const statuses = ({ answers }: Happening): string =>
  [...answers].map(([status, count]) => `${count === 1 ? '' : `${count} × `}${status}`).join(', ');

function storyLines({ story, happenings }: ToldWebhookStory): string[] {
  return [
    `### ${story.name.charAt(0).toUpperCase()}${story.name.slice(1)}`,
    '',
    story.meaning,
    '',
    '| who | does | answered | recorded | changed | metrics, log |',
    '|---|---|---|---|---|---|',
    ...happenings.map(row),
    '',
  ];
}

const row = (happening: Happening): string =>
  `| ${[
    happening.who,
    happening.what,
    statuses(happening),
    happening.recorded.map(({ stream, events }) => `${stream}: ${events.join(', ')}`).join('; ') || '–',
    happening.changes.join(', ') || '–',
    happening.seen.join('; ') || '–',
  ].join(' | ')} |`;
