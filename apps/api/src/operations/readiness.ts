import { READINESS_CHECK_TIMEOUT_MS } from '../config/limits';
import { maskPans } from '../card-data/pan';

/** Resolves with something to tell, or with nothing; rejects with the reason why not. */
export type ReadinessCheck = () => Promise<Readonly<Record<string, number | string>> | undefined>;

export interface Readiness {
  readonly status: 'ready' | 'not_ready';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

interface CheckResult {
  readonly status: 'up' | 'down';
  readonly [detail: string]: unknown;
}

/** Asks every dependency at once; one that does not answer in time is down. */
export class ReadinessProbe {
  constructor(
    private readonly checks: Readonly<Record<string, ReadinessCheck>>,
    private readonly timeoutMs = READINESS_CHECK_TIMEOUT_MS,
  ) {}

  async probe(): Promise<Readiness> {
    const results = await Promise.all(
      Object.entries(this.checks).map(async ([name, check]) => [name, await this.resultOf(check)] as const),
    );
    const ready = results.every(([, { status }]) => status === 'up');
    return { status: ready ? 'ready' : 'not_ready', checks: Object.fromEntries(results) };
  }

  private async resultOf(check: ReadinessCheck): Promise<CheckResult> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${this.timeoutMs} ms`));
      }, this.timeoutMs);
    });
    try {
      return { ...(await Promise.race([check(), tooLate])), status: 'up' };
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'failed';
      return { status: 'down', reason: maskPans(reason) };
    } finally {
      clearTimeout(timer);
    }
  }
}
