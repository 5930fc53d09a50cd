import { readAnswers, type Answer } from './answers-file';
import type { KeyStory, PaymentView } from './audit';
import { bodyOf, keyOf, type LoadPlan, type SentMoney } from './load-plan';

/** What was learned of one key so far; a `KeyStory` in the making. */
export interface OpenStory extends KeyStory {
  readonly body: string;
  readonly answeredIds: Set<string>;
  readonly settledBodies: Set<string>;
  settled: PaymentView | undefined;
  present: PaymentView | undefined;
}

/** When a first request was to be sent and how long its answer took, ms. */
export interface FirstAnswer {
  readonly key: string;
  readonly intendedMs: number;
  readonly latencyMs: number;
}

export interface LoadResult {
  readonly stories: ReadonlyMap<string, OpenStory>;
  readonly firstAnswers: readonly FirstAnswer[];
  readonly duplicates: number;
  /** Unexpected answers by status and code, missing ones by the socket's error. */
  readonly errors: ReadonlyMap<string, number>;
}

/** Reads what a run of load left behind. */
export async function resultOf(plan: LoadPlan, answersFile: string): Promise<LoadResult> {
  const stories = new Map<string, OpenStory>();
  const firstAnswers: FirstAnswer[] = [];
  const errors = new Map<string, number>();
  let duplicates = 0;
  for await (const answer of readAnswers(answersFile)) {
    const key = keyOf(plan, answer.index);
    let story = stories.get(key);
    if (story === undefined) stories.set(key, (story = newStory(key, bodyOf(plan, answer.index))));
    learn(story, answer);
    const problem = problemIn(answer);
    if (problem !== undefined) errors.set(problem, (errors.get(problem) ?? 0) + 1);
    if (answer.duplicate) duplicates += 1;
    else if (problem === undefined) {
      firstAnswers.push({ key, intendedMs: answer.intendedMs, latencyMs: answer.latencyMs });
    }
  }
  return { stories, firstAnswers, duplicates, errors };
}

function newStory(key: string, body: string): OpenStory {
  const { amount, currency } = JSON.parse(body) as SentMoney;
  return {
    key,
    body,
    sent: { amount, currency },
    answeredIds: new Set(),
    settledBodies: new Set(),
    settled: undefined,
    present: undefined,
  };
}

/** @param answer of a POST of this key, now or later */
export function learn(story: OpenStory, { status, body }: Pick<Answer, 'status' | 'body'>): void {
  if (status !== 201 && status !== 202) return;
  const view = viewOf(body);
  story.answeredIds.add(view.id);
  if (status !== 201) return;
  story.settledBodies.add(body);
  story.settled = view;
}

function problemIn({ status, body, error }: Answer): string | undefined {
  if (error !== undefined) return error;
  if (status === 201 || status === 202) return undefined;
  return `${status} ${codeIn(body)}`;
}

function codeIn(body: string): string {
  try {
    return String((JSON.parse(body) as { code?: unknown }).code);
  } catch {
    return 'without a code';
  }
}

interface PaymentJson extends SentMoney {
  readonly id: string;
  readonly status: string;
  readonly attempts: readonly { readonly id: string }[];
}

/** @param body of an answer of the API that shows a payment */
export function viewOf(body: string): PaymentView {
  const { id, status, amount, currency, attempts } = JSON.parse(body) as PaymentJson;
  return { id, status, amount, currency, attemptIds: attempts.map((attempt) => attempt.id) };
}
