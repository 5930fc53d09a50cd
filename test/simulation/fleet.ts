import type { OpenFlow } from '@tender/readmodels';
import { startApi, type SimApi } from './api-process';
import type { SeededChance } from './seeded-chance';
import { SimProcess } from './sim-process';
import { startWorker, type SimWorker } from './worker-process';
import type { World } from './world';

const WORKER = 'worker';
const API_NAMES = ['api 1', 'api 2'];

/** What may wait for as long as it likes: for the buyer within an hour, for the merchant within days. */
const isStuck = ({ kind }: OpenFlow): boolean => kind === 'outcome_unknown' || kind === 'operation_open';

/** The processes that run on a world, whoever of them is alive at the moment. */
export class Fleet {
  private worker: SimWorker | undefined;
  private readonly apis: (SimApi | undefined)[] = [];

  constructor(private readonly world: World) {
    const chance = world.chance.fork();
    world.postOffice.receiver = () => this.anApi(chance);
  }

  startAll(): void {
    this.restartWorker();
    for (let which = 0; which < API_NAMES.length; which += 1) this.restartApi(which);
  }

  restartWorker(): void {
    if (this.worker?.process.alive !== true) this.worker = startWorker(this.world, this.newProcess(WORKER));
  }

  restartApi(which: number): void {
    if (this.apis[which]?.process.alive !== true) {
      this.apis[which] = startApi(this.world, this.newProcess(API_NAMES[which] ?? ''));
    }
  }

  restart({ name }: SimProcess): void {
    if (name === WORKER) this.restartWorker();
    else this.restartApi(API_NAMES.indexOf(name));
  }

  killWorker(): void {
    this.worker?.process.kill();
  }

  killApi(which: number): void {
    this.apis[which]?.process.kill();
  }

  killAll(): void {
    this.killWorker();
    for (const api of this.apis) api?.process.kill();
  }

  anApi(chance: SeededChance): SimApi | undefined {
    return this.apis[Math.floor(chance.random() * API_NAMES.length)];
  }

  /** What waits, in the processes and in the read store. */
  waiting(): Readonly<Record<string, number>> {
    const stuck = this.world.readTarget.openFlows().filter(isStuck).length;
    const { waiting: notices } = this.world.postOffice;
    return { ...(this.worker?.waiting() ?? {}), 'open flows': stuck, notices };
  }

  async pendingTimers(): Promise<number> {
    return (await this.worker?.pendingTimers()) ?? 0;
  }

  private newProcess(name: string): SimProcess {
    return new SimProcess(name, this.world.scheduler, this.world.deathWish);
  }
}
