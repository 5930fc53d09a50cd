/** Latencies remembered per consumer for the extra statistics. */
const LATENCIES = 1_000;

export interface ConsumerConnection {
  readonly from: string;
  readonly user: string;
  readonly connectionName: string;
  /** Events it takes before it must acknowledge one. */
  readonly slots: number;
  send(message: Buffer): void;
  /** Ends the connection. */
  drop(reason: unknown): void;
}

/** One connected reader of a group and what it has in hand. */
export class Consumer {
  inFlight = 0;
  totalItems = 0;
  private itemsAtLastMeasurement = 0;
  private readonly latenciesMs: number[] = [];

  constructor(
    readonly connection: ConsumerConnection,
    readonly connectedAtMs: number,
  ) {}

  get freeSlots(): number {
    return this.connection.slots - this.inFlight;
  }

  sent(): void {
    this.inFlight += 1;
    this.totalItems += 1;
  }

  /** @param latencyMs from delivery to acknowledgement */
  settled(latencyMs: number): void {
    this.inFlight -= 1;
    this.latenciesMs.push(latencyMs);
    if (this.latenciesMs.length > LATENCIES) this.latenciesMs.shift();
  }

  countSinceLastMeasurement(): number {
    const count = this.totalItems - this.itemsAtLastMeasurement;
    this.itemsAtLastMeasurement = this.totalItems;
    return count;
  }

  /** Named as EventStoreDB names them; milliseconds. */
  measurements(): readonly (readonly [string, number])[] {
    const sorted = [...this.latenciesMs].sort((a, b) => a - b);
    if (sorted.length === 0) return [];
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    const mean = sorted.reduce((sum, latencyMs) => sum + latencyMs, 0) / sorted.length;
    const shares = [0.9, 0.95, 0.99, 0.995, 0.999];
    return [
      ['Mean', Math.round(mean)],
      ['Median', at(0.5)],
      ['Fastest', at(0)],
      ...[1, 2, 3, 4, 5].map((fifth) => [`Quintile ${fifth}`, at(fifth / 5)] as const),
      ...shares.map((share) => [`${share * 100}%`, at(share)] as const),
      ['Highest', at(1)],
    ];
  }
}
