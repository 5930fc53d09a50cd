import type { OpenFlow } from '@tender/readmodels';
import { startApi, type SimApi } from './api-process';
import type { SeededChance } from './seeded-chance';
import { SimProcess } from './sim-process';
import { startWorker, type SimWorker } from './worker-process';
import type { World } from './world';

const WORKER_NAMES = ['worker 1', 'worker 2', 'worker 3'];
const API_NAMES = ['api 1', 'api 2'];

/**
 * What ends by itself, or by the people who look; everything else may wait for as long as it likes: for the buyer within an
 * hour, for the merchant within days.
 */
const isStuck = ({ kind }: OpenFlow): boolean =>
  kind === 'outcome_unknown' || kind === 'operation_open' || kind === 'charge_not_returned';

/** The processes that run on a world, whoever of them is alive at the moment. */
export class Fleet {
  private readonly workers: (SimWorker | undefined)[] = [];
  private readonly apis: (SimApi | undefined)[] = [];

  private readonly workerCount: number;

  constructor(
    private readonly world: World,
    workerCount?: number,
  ) {
    const chance = world.chance.fork();
    this.workerCount = workerCount ?? 1 + Math.floor(chance.random() * WORKER_NAMES.length);
    world.mayMissKeys = this.workerCount > 1;
    world.postOffice.receiver = () => this.anApi(chance);
  }

  startAll(): void {
    for (let which = 0; which < this.workerCount; which += 1) this.restartWorker(which);
    for (let which = 0; which < API_NAMES.length; which += 1) this.restartApi(which);
  }

  restartWorker(which: number): void {
    if (which >= this.workerCount) return;
    if (this.workers[which]?.process.alive !== true) {
      this.workers[which] = startWorker(this.world, this.newProcess(WORKER_NAMES[which] ?? ''));
    }
  }

  restartApi(which: number): void {
    if (this.apis[which]?.process.alive !== true) {
      this.apis[which] = startApi(this.world, this.newProcess(API_NAMES[which] ?? ''));
    }
  }

  restart({ name }: SimProcess): void {
    const which = WORKER_NAMES.indexOf(name);
    if (which >= 0) this.restartWorker(which);
    else this.restartApi(API_NAMES.indexOf(name));
  }

  killWorker(which: number): void {
    this.workers[which]?.process.kill();
  }

  stopWorker(which: number, ms: number): void {
    void this.workers[which]?.process.standStill(ms);
  }

  killApi(which: number): void {
    this.apis[which]?.process.kill();
  }

  killAll(): void {
    for (const worker of this.workers) worker?.process.kill();
    for (const api of this.apis) api?.process.kill();
  }

  anApi(chance: SeededChance): SimApi | undefined {
    return this.apis[Math.floor(chance.random() * API_NAMES.length)];
  }

  /** What waits, in the processes and in the read store. */
  waiting(): Readonly<Record<string, number>> {
    const stuck = this.world.readTarget.openFlows().filter(isStuck).length;
    const { waiting: notices } = this.world.postOffice;
    const effects = this.workers.reduce((sum, worker) => sum + (worker?.effects() ?? 0), 0);
    const refunds = this.world.readTarget.openRefunds().length;
    return { effects, 'open flows': stuck, 'open refunds': refunds, notices };
  }

  async pendingTimers(): Promise<number> {
    const pending = await Promise.all(
      this.workers.map(async (worker) => (await worker?.pendingTimers()) ?? 0),
    );
    return pending.reduce((sum, timers) => sum + timers, 0);
  }

  private newProcess(name: string): SimProcess {
    return new SimProcess(name, this.world.scheduler, this.world.deathWish, this.world.halting);
  }
}
