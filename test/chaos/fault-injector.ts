import { askRedis } from '@tender/embedded/redis';
import type { PspName } from '@tender/domain';
import type { Stack } from '../../apps/local/src/stack';
import { nameOf, type PlannedFault } from './fault-schedule';
import type { FaultyLink } from './faulty-link';

/** Of the requests of a PSP that has a fault. */
const PSP_FAULT_RATE = 0.5;

/** The operations whose answers are spoilt: each moves money, and is done once at most. */
const MONEY_MOVES = ['authorize', 'capture', 'refund'];

export interface InjectorOptions {
  readonly stack: Stack;
  readonly links: ReadonlyMap<string, FaultyLink>;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** Does to a running stack what the plan says, and undoes all of it at the end. */
export class FaultInjector {
  /** How often each fault was done, by its name. */
  readonly counts = new Map<string, number>();
  /** Requests that PSPs spoilt, by fault: at least so many, since a killed simulator forgets its count. */
  readonly spoilt = new Map<string, number>();
  private readonly lasting = new Map<string, { end: () => Promise<void>; timer: NodeJS.Timeout }>();
  private readonly doing = new Set<Promise<void>>();
  private readonly counted = new Map<PspName, Readonly<Record<string, number>>>();

  constructor(private readonly options: InjectorOptions) {}

  /** Resolves after the last one has been done. */
  async run(plan: readonly PlannedFault[], isOver: () => boolean): Promise<void> {
    const startedAtMs = performance.now();
    for (const fault of plan) {
      await new Promise((wake) => setTimeout(wake, startedAtMs + fault.atMs - performance.now()));
      if (isOver()) return;
      this.options.say(`${(fault.atMs / 1_000).toFixed(1).padStart(6)} s  ${line(fault)}`);
      // whoever does not answer must not hold up the others
      const doing = this.inject(fault)
        .catch(() => false)
        .then((done) => {
          const name = done ? nameOf(fault) : `not possible then: ${fault.kind}`;
          this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
          this.doing.delete(doing);
        });
      this.doing.add(doing);
    }
  }

  /** Everything works again. */
  async heal(): Promise<void> {
    await Promise.all(this.doing);
    await Promise.all([...this.lasting.keys()].map((what) => this.end(what)));
    for (const psp of PSPS) {
      await this.healPsp(psp);
      await this.count(psp);
    }
  }

  /** A simulator that was stopped when its fault ended has not heard of it. */
  private async healPsp(psp: PspName): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.script(psp, {});
        return;
      } catch (error) {
        if (tries === HEAL_TRIES) throw error;
        await new Promise((wake) => setTimeout(wake, HEAL_AGAIN_AFTER_MS));
      }
    }
  }

  private async inject(fault: PlannedFault): Promise<boolean> {
    switch (fault.kind) {
      case 'kill':
        return this.signal(fault.process, 'SIGKILL');
      case 'stop': {
        const pid = this.options.stack.pids()[fault.process];
        if (!this.signal(fault.process, 'SIGSTOP')) return false;
        await this.lasts(`stop ${fault.process}`, fault.lastsMs, () => {
          // the one that was stopped: its follower, if it was killed meanwhile, runs
          if (this.options.stack.pids()[fault.process] === pid) this.signal(fault.process, 'SIGCONT');
          return Promise.resolve();
        });
        return true;
      }
      case 'link': {
        const link = this.options.links.get(fault.link);
        if (link === undefined) return false;
        await this.lasts(`link ${fault.link}`, fault.lastsMs, () => link.become(undefined));
        await link.become(fault.fault);
        return true;
      }
      case 'psp': {
        await this.count(fault.psp);
        await this.lasts(`psp ${fault.psp}`, fault.lastsMs, () => this.script(fault.psp, {}));
        await this.script(fault.psp, {
          seed: this.options.seed,
          rates: { [fault.fault]: PSP_FAULT_RATE },
          ...(fault.fault.startsWith('stale') ? {} : { ops: MONEY_MOVES }),
        });
        return true;
      }
      case 'redis_flush':
        return (
          (await askRedis(Number(new URL(this.options.stack.redisUrl ?? '').port), 'FLUSHALL')) === '+OK\r\n'
        );
    }
  }

  /** One fault of a kind at a time on one thing: the next one takes its place. */
  private async lasts(what: string, lastsMs: number, end: () => Promise<void>): Promise<void> {
    await this.end(what);
    const timer = setTimeout(() => void this.end(what), lastsMs);
    this.lasting.set(what, { end, timer });
  }

  private async end(what: string): Promise<void> {
    const fault = this.lasting.get(what);
    if (fault === undefined) return;
    clearTimeout(fault.timer);
    this.lasting.delete(what);
    // who was killed has no fault any more
    await fault.end().catch(() => undefined);
  }

  private signal(name: string, signal: NodeJS.Signals): boolean {
    const pid = this.options.stack.pids()[name];
    if (pid === undefined) return false;
    try {
      return process.kill(pid, signal);
    } catch {
      return false;
    }
  }

  private urlOf(psp: PspName): string {
    const { stripeUrl, adyenUrl } = this.options.stack;
    return psp === 'stripe' ? stripeUrl : adyenUrl;
  }

  private async script(psp: PspName, body: object): Promise<void> {
    const reply = await fetch(`${this.urlOf(psp)}/_sim/faults`, {
      method: 'PUT',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(CONTROL_WITHIN_MS),
    });
    if (reply.status !== 200) throw new Error(await reply.text());
  }

  private async count(psp: PspName): Promise<void> {
    const signal = AbortSignal.timeout(CONTROL_WITHIN_MS);
    const reply = await fetch(`${this.urlOf(psp)}/_sim/faults`, { signal }).catch(() => undefined);
    if (reply === undefined) return;
    const { counts } = (await reply.json()) as { counts: Readonly<Record<string, number>> };
    const before = this.counted.get(psp) ?? {};
    this.counted.set(psp, counts);
    for (const [kind, count] of Object.entries(counts)) {
      const more = count - (before[kind] ?? 0);
      const name = `${psp} ${kind}`;
      this.spoilt.set(name, (this.spoilt.get(name) ?? 0) + (more < 0 ? count : more));
    }
  }
}

const PSPS: readonly PspName[] = ['stripe', 'adyen'];
/** A killed simulator is back within this, even on a machine that does much else. */
const HEAL_TRIES = 120;
const HEAL_AGAIN_AFTER_MS = 1_000;
/** A simulator that is stopped does not answer, and the plan goes on, ms. */
const CONTROL_WITHIN_MS = 3_000;

function line(fault: PlannedFault): string {
  const ms = fault.kind === 'link' && fault.fault.kind === 'delay' ? ` by ${fault.fault.ms} ms` : '';
  const lasts = 'lastsMs' in fault ? ` for ${(fault.lastsMs / 1_000).toFixed(1)} s` : '';
  return `${nameOf(fault)}${ms}${lasts}`;
}
