import type { Link, Stack } from '../../apps/local/src/stack';
import { ApiClient } from '../stack/api-client';
import { startOwnStack, type OwnStack } from '../stack/own-stack';
import { FaultInjector } from './fault-injector';
import { planFaults } from './fault-schedule';
import { FaultyLink } from './faulty-link';
import type { ChaosOptions } from './options';
import type { Report } from './report';
import { Shoppers } from './shoppers';
import { judge } from './verdict';

/** A PSP that does not answer is noticed this soon, ms: the faults last seconds, not half a minute. */
const PSP_CALL_TIMEOUT_MS = 2_000;
/** The ladder's pauses double up to minutes while faults last, and an absence is proven only after the settling time. */
const DRAIN_WITHIN_MS = 10 * 60_000;
const READY_WITHIN_MS = 120_000;
const PROGRESS_EVERY_MS = 5_000;

/** A whole stack with a bad network between its processes. */
export class Chaos {
  private readonly links = new Map<string, FaultyLink>();
  private own: OwnStack | undefined;
  private isOver = false;

  constructor(
    private readonly options: ChaosOptions,
    private readonly say: (line: string) => void,
  ) {}

  async start(): Promise<void> {
    this.own = await startOwnStack({
      name: 'chaos',
      workers: this.options.workers,
      environment: { PSP_CALL_TIMEOUT_MS: String(PSP_CALL_TIMEOUT_MS) },
      addressFor: (link, url) => this.addressFor(link, url),
      progress: this.say,
    });
  }

  /** Faults under load; then everything heals, and whatever is open has to end. */
  async run(notRun: readonly string[]): Promise<Report> {
    const { own, options, say } = this;
    if (own === undefined) throw new Error('the stack has not been started');
    const lastsMs = options.minutes * 60_000;
    const injector = new FaultInjector({ stack: own.stack, links: this.links, seed: options.seed, say });
    const plan = planFaults({
      seed: options.seed,
      lastsMs,
      processes: Object.keys(own.stack.pids()),
      links: [...this.links.keys()],
      hasRedis: own.stack.redisUrl !== undefined,
    });
    say(
      `seed ${options.seed}: ${plan.length} faults in ${options.minutes} minutes, ${options.ratePerS} payments a second`,
    );
    const api = new ApiClient(own.stack.apiUrl);
    let giveUpAtMs = Number.POSITIVE_INFINITY;
    const shoppers = new Shoppers({
      api,
      seed: options.seed,
      ratePerS: options.ratePerS,
      isOver: () => this.isOver || performance.now() > giveUpAtMs,
    });
    await Promise.all([shoppers.shop(lastsMs), injector.run(plan, () => this.isOver)]);
    await injector.heal();
    const healedAtMs = performance.now();
    giveUpAtMs = healedAtMs + DRAIN_WITHIN_MS;
    await this.untilReady(own.stack);
    await this.drained(shoppers);
    await shoppers.askEverybodyAgain();
    const drainedAfterMs = performance.now() - healedAtMs;
    say('comparing log, API, PSPs, read store and answers');
    const verdict = await judge(own.stack, api, shoppers.heard);
    return { verdict, shoppers, injector, drainedAfterMs, notRun };
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.own?.stop();
    await Promise.all([...this.links.values()].map((link) => link.close()));
  }

  private async addressFor({ from, to }: Link, url: string): Promise<string> {
    const address = new URL(url);
    const link = await FaultyLink.open(Number(address.port));
    this.links.set(`${from} to ${to}`, link);
    address.port = String(link.port);
    // the driver would ask a replica set for its members, and go to them past the link
    if (to === 'read-store') address.search = '?directConnection=true';
    return address.href.replace(/\/$/, '');
  }

  private async untilReady({ apiUrl }: Stack): Promise<void> {
    const deadlineMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const reply = await fetch(`${apiUrl}/health/ready`).catch(() => undefined);
      if (reply?.status === 200) return;
      if (performance.now() > deadlineMs)
        throw new Error('the stack did not become ready after it was healed');
      await new Promise((wake) => setTimeout(wake, 200));
    }
  }

  private async drained(shoppers: Shoppers): Promise<void> {
    const progress = setInterval(() => {
      this.say(`healed; ${shoppers.waiting} customers wait for their outcome`);
    }, PROGRESS_EVERY_MS);
    await shoppers.allServed();
    clearInterval(progress);
  }
}
