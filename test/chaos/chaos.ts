import type { Link, Stack } from '../../apps/local/src/stack';
import { ApiClient } from '../stack/api-client';
import { startOwnStack, type OwnStack } from '../stack/own-stack';
import { PspTruth } from '../stack/psp-truth';
import { FaultInjector } from './fault-injector';
import { planFaults } from './fault-schedule';
import { FaultyLink } from './faulty-link';
import { gather } from './evidence';
import type { ChaosOptions } from './options';
import type { Report } from './report';
import { Shoppers } from './shoppers';
import { judge, type Verdict } from './verdict';

/** A PSP that does not answer is noticed this soon, ms: the faults last seconds, not half a minute. */
const PSP_CALL_TIMEOUT_MS = 2_000;
/** The ladder's pauses double up to minutes while faults last, and an absence is proven only after the settling time. */
const DRAIN_WITHIN_MS = 10 * 60_000;
/** What the PSPs have told has to be everywhere this long after they told the last of it. */
const SETTLES_WITHIN_MS = 60_000;
const JUDGE_AGAIN_AFTER_MS = 2_000;
/** A PSP's clock is looked after this often, and goes ahead by so much; keys live for a day of it. */
const PSP_LOOK_EVERY_MS = 1_000;
const PSP_TIME_PASSES_BY_MS = 60_000;
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
    await this.drained(own.stack, shoppers.allServed(), shoppers);
    await this.drained(own.stack, shoppers.afterSales.decideTheRest(), shoppers);
    await shoppers.asking.everythingAgain();
    const drainedAfterMs = performance.now() - healedAtMs;
    say('comparing log, API, PSPs, read store, books and answers');
    const judged = await this.judged(own.stack, api, shoppers);
    return { ...judged, asking: shoppers.asking, injector, drainedAfterMs, notRun };
  }

  /** What is wrong because it is still on its way is right a little later; what is wrong stays so. */
  private async judged(
    stack: Stack,
    api: ApiClient,
    { asking }: Shoppers,
  ): Promise<{ readonly verdict: Verdict; readonly judgements: number }> {
    const deadlineMs = performance.now() + SETTLES_WITHIN_MS;
    for (let judgements = 1; ; judgements += 1) {
      const verdict = judge(await gather(stack, api, asking.heard));
      if (verdict.violations.length === 0 || performance.now() > deadlineMs || this.isOver)
        return { verdict, judgements };
      this.say(`judged ${judgements} times; ${verdict.violations.length} violations, or still on their way`);
      await new Promise((wake) => setTimeout(wake, JUDGE_AGAIN_AFTER_MS));
    }
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

  /** Somebody is served, and the PSPs have told everything. */
  private async drained(stack: Stack, serving: Promise<void>, shoppers: Shoppers): Promise<void> {
    const progress = setInterval(() => {
      this.say(`healed; ${shoppers.waiting} customers wait for their outcome`);
    }, PROGRESS_EVERY_MS);
    const served = { all: false };
    const allServed = serving.then(() => {
      served.all = true;
    });
    const psps = [stack.stripeUrl, stack.adyenUrl].map((url) => new PspTruth(url));
    await Promise.all([allServed, ...psps.map((psp) => this.untilAllIsTold(psp, () => served.all))]);
    clearInterval(progress);
  }

  /**
   * A PSP repeats after minutes what nobody took when processes were dead, and Adyen tells of refunds by notices alone: its
   * clock runs ahead, so that nobody has to wait for them.
   */
  private async untilAllIsTold(psp: PspTruth, isServed: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + DRAIN_WITHIN_MS;
    while (performance.now() < deadlineMs) {
      const left = await psp.undelivered();
      if (left === 0 && isServed()) return;
      if (left > 0) await psp.passTime(PSP_TIME_PASSES_BY_MS);
      await new Promise((wake) => setTimeout(wake, PSP_LOOK_EVERY_MS));
    }
  }
}
