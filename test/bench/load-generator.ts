import { AnswersWriter } from './answers-file';
import { KeepAliveClient } from './keep-alive-client';
import { bodyOf, keyOf, plannedSends, type LoadPlan, type PlannedSend } from './load-plan';
import { summaryOf, type Summary } from './percentiles';

/** One run of load, as the parent asks for it. */
export interface LoadOrder {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly plan: LoadPlan;
  readonly answersFile: string;
}

export interface LoadProgress {
  readonly kind: 'progress';
  readonly elapsedMs: number;
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
}

export interface LoadDone {
  readonly kind: 'done';
  /** How long after their time requests were sent: what of the latency is the generator's own. */
  readonly lateness: Summary;
}

const PROGRESS_EVERY_MS = 250;

/**
 * An open model: requests are sent at their planned times whatever became of the earlier ones, as customers who do
 * not know of each other do. A system that slows down meets the same rate, and its latency counts from the plan.
 */
export function generateLoad(
  { apiUrl, apiKey, plan, answersFile }: LoadOrder,
  onProgress: (progress: LoadProgress) => void,
): Promise<LoadDone> {
  const client = new KeepAliveClient(apiUrl, apiKey);
  const answers = new AnswersWriter(answersFile);
  const latenessMs: number[] = [];
  const counts = { sent: 0, answered: 0, failed: 0 };
  const startedAt = performance.now();
  const sinceStartMs = (): number => performance.now() - startedAt;
  const send = ({ index, duplicate, atMs }: PlannedSend): void => {
    counts.sent += 1;
    latenessMs.push(sinceStartMs() - atMs);
    client.post('/v1/payments', keyOf(plan, index), bodyOf(plan, index), (reply) => {
      counts.answered += 1;
      if (reply.status !== 201 && reply.status !== 202) counts.failed += 1;
      answers.write({ index, duplicate, intendedMs: atMs, latencyMs: sinceStartMs() - atMs, ...reply });
    });
  };
  return new Promise((resolve, reject) => {
    const progress = setInterval(() => {
      onProgress({ kind: 'progress', elapsedMs: sinceStartMs(), ...counts });
      if (exhausted && counts.answered === counts.sent) finish();
    }, PROGRESS_EVERY_MS);
    const finish = (): void => {
      clearInterval(progress);
      client.close();
      answers.close().then(() => {
        resolve({ kind: 'done', lateness: summaryOf(latenessMs) });
      }, reject);
    };
    const sends = plannedSends(plan);
    let exhausted = false;
    let next = sends.next();
    const sendDue = (): void => {
      while (next.done !== true && next.value.atMs <= sinceStartMs()) {
        send(next.value);
        next = sends.next();
      }
      if (next.done === true) exhausted = true;
      else setTimeout(sendDue, Math.max(0, next.value.atMs - sinceStartMs()));
    };
    sendDue();
  });
}
