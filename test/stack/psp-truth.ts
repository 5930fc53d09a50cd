import type { PaymentJson } from './api-client';

/** One line of what really happened at the PSP, whatever anybody was told. */
export interface TruthRow {
  readonly reference: string;
  readonly our_reference: string | null;
  readonly idempotency_key: string | null;
  readonly kind: 'charge' | 'capture' | 'void' | 'refund' | 'dispute' | 'payout';
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
}

interface FaultState {
  readonly next: readonly unknown[];
  readonly counts: Readonly<Record<string, number>>;
}

/** The steering wheel and the conscience of the simulated PSP. */
export class PspTruth {
  constructor(private readonly url: string) {}

  async rows(): Promise<readonly TruthRow[]> {
    return (await (await fetch(`${this.url}/_sim/truth`)).json()) as TruthRow[];
  }

  async charges(): Promise<readonly TruthRow[]> {
    return (await this.rows()).filter(({ kind }) => kind === 'charge');
  }

  /** Every charge that any attempt of this payment has caused. */
  async chargesOf({ attempts }: PaymentJson): Promise<readonly TruthRow[]> {
    const ids = new Set(attempts.map(({ id }) => id));
    return (await this.charges()).filter((row) => ids.has(row.our_reference ?? ''));
  }

  /** Plans a fault for the next so many requests of an operation, and forgets what was planned before. */
  async failNext(op: string, fault: string, times = 1): Promise<void> {
    await this.plan([{ op, fault, times }]);
  }

  async plan(
    next: readonly { readonly op: string; readonly fault: string; readonly times: number }[],
  ): Promise<void> {
    await this.put('faults', { next });
  }

  async heal(): Promise<void> {
    await this.put('faults', {});
  }

  async faults(): Promise<FaultState> {
    return (await (await fetch(`${this.url}/_sim/faults`)).json()) as FaultState;
  }

  /** From now on the PSP sends no notices: whatever it did has to be asked for. */
  async keepSilent(): Promise<void> {
    await this.put('webhooks', { url: null });
  }

  /** How many notices the PSP has not got rid of yet, due or not. */
  async undelivered(): Promise<number> {
    const reply = await fetch(`${this.url}/_sim/outbox`);
    const news = (await reply.json()) as readonly { readonly delivered_at: string | null }[];
    return news.filter(({ delivered_at: delivered }) => delivered === null).length;
  }

  /** The PSP's clock goes ahead: what it would repeat by then is repeated now. */
  async passTime(ms: number): Promise<void> {
    await this.send('POST', 'clock', { advance_ms: ms });
  }

  private put(what: 'faults' | 'webhooks', script: object): Promise<void> {
    return this.send('PUT', what, script);
  }

  private async send(method: 'PUT' | 'POST', what: string, script: object): Promise<void> {
    const reply = await fetch(`${this.url}/_sim/${what}`, { method, body: JSON.stringify(script) });
    if (reply.status !== 200) throw new Error(`the simulator refused the script: ${await reply.text()}`);
  }
}
