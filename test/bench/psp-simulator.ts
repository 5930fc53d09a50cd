import type { Charge } from './audit';

interface TruthRow extends Charge {
  readonly kind: string;
  readonly idempotency_key: string | null;
}

interface Timing {
  readonly idempotency_key: string;
  readonly ms: number;
}

export interface PspLatency {
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** What the PSP remembers of a run. */
export interface PspMemory {
  readonly charges: readonly Charge[];
  /** Time spent at the PSP for all requests of an attempt, ms, by the attempt's id. */
  readonly msOfAttempt: ReadonlyMap<string, number>;
}

/** The face that the simulated PSP shows to whoever measures. */
export class PspSimulator {
  constructor(private readonly url: string) {}

  async latency(): Promise<PspLatency> {
    const { median_ms: medianMs, p99_ms: p99Ms } = (await this.ask('latency')) as Record<string, number>;
    return { medianMs: medianMs ?? 0, p99Ms: p99Ms ?? 0 };
  }

  async setLatency({ medianMs, p99Ms }: PspLatency): Promise<void> {
    await this.ask('latency', { median_ms: medianMs, p99_ms: p99Ms });
  }

  /** References of the charges so far: on a running stack they belong to others. */
  async references(): Promise<ReadonlySet<string>> {
    return new Set((await this.charges()).map(({ reference }) => reference));
  }

  /** @param earlier references to leave out */
  async memory(earlier: ReadonlySet<string>): Promise<PspMemory> {
    const charges = (await this.charges()).filter(({ reference }) => !earlier.has(reference));
    const msOfKey = new Map<string, number>();
    for (const { idempotency_key: key, ms } of (await this.ask('timings')) as Timing[]) {
      msOfKey.set(key, (msOfKey.get(key) ?? 0) + ms);
    }
    const msOfAttempt = new Map<string, number>();
    for (const { our_reference: attemptId, idempotency_key: key } of charges) {
      const ms = msOfKey.get(key ?? '');
      if (attemptId !== null && ms !== undefined) msOfAttempt.set(attemptId, ms);
    }
    return { charges, msOfAttempt };
  }

  private async charges(): Promise<readonly TruthRow[]> {
    return ((await this.ask('truth')) as TruthRow[]).filter(({ kind }) => kind === 'charge');
  }

  private async ask(what: string, body?: object): Promise<unknown> {
    const reply = await fetch(`${this.url}/_sim/${what}`, {
      method: body === undefined ? 'GET' : 'PUT',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (reply.status !== 200) throw new Error(`the simulator answers ${reply.status} to ${what}`);
    return reply.json();
  }
}
