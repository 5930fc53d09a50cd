import type { ErrorReply, Reply } from './reply';
import { readIntent, readRefund } from './reply';
import type { ReplyPattern, Unproven } from './reply-table';
import { intent, refund } from './scripted-stripe.fixture';

export const error = (changes: Partial<ErrorReply>): ErrorReply => ({
  kind: 'error',
  status: 400,
  type: null,
  code: null,
  declineCode: null,
  adviceCode: null,
  networkAdviceCode: null,
  param: null,
  message: '',
  requestId: null,
  replayed: false,
  intent: null,
  date: null,
  ...changes,
});

export const intentReply = (changes: Readonly<Record<string, unknown>> = {}, replayed = false): Reply => ({
  kind: 'intent',
  intent: known(readIntent(intent(changes))),
  replayed,
  date: null,
});

export const refundReply = (changes: Readonly<Record<string, unknown>> = {}, replayed = false): Reply => ({
  kind: 'refund',
  refund: known(readRefund(refund(changes))),
  replayed,
  date: null,
});

function known<Seen>(seen: Seen | null): Seen {
  if (seen === null) throw new Error('the fixture cannot be read');
  return seen;
}

/** The plainest reply that a row is about. */
export function exampleOf({
  kind,
  failure = 'lost',
  status = 418,
  type,
  code,
  replayed = false,
}: ReplyPattern): Reply {
  const number = status === '5xx' ? 502 : status;
  switch (kind) {
    case 'transport':
      return { kind, failure, detail: '' };
    case 'unreadable':
      return { kind, status: number, replayed, detail: '' };
    case 'intent':
      return intentReply({}, replayed);
    case 'refund':
      return refundReply({}, replayed);
    case 'error':
      return error({ status: number, type: type ?? null, code: code ?? null, replayed });
  }
}

/** A verdict or an outcome in a few words. */
export const said = (
  verdict: Unproven | { readonly kind: 'failed'; readonly why: string } | { readonly kind: string },
): string => {
  const why = 'why' in verdict ? ` ${verdict.why}` : '';
  return `${verdict.kind}${why}${'keyBurnt' in verdict && verdict.keyBurnt ? ' burnt' : ''}`;
};
