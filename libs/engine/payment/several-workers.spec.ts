import type { AuthorizeOutcome, Payment, PspName } from '@tender/domain';
import { EVENT_CATALOG } from '@tender/domain';
import {
  createCodec,
  createMemoryEventLog,
  EventLogUnavailable,
  MemoryStore,
  type ConsumerGroups,
  type GroupSubscription,
} from '@tender/eventstore';
import {
  initiate,
  outcomes,
  SAMPLE_PAYMENT_ID,
  ScriptedGateway,
  seededChance,
  settle,
  VirtualClock,
} from '@tender/testing';
import { runProcess, type RunningProcess } from '../run-process';
import { inProcessTimers } from '../timers/in-process-timers';
import { paymentCommands } from './payment-commands';
import { PaymentDriver } from './payment-driver';
import { loadPayment, PAYMENT_PREFIX, paymentStream } from './payment-stream';

/**
 * Two workers on one store, each with a network of its own. Whatever one of them is told of its own connection, the
 * buyer may be charged once: by one PSP, under one key.
 */

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);
const GROUP = 'payment-process';
const CANDIDATES = (['stripe', 'adyen'] as const).map((psp) => ({
  psp,
  token: `token at ${psp}`,
  requestVersion: 1,
  reason: 'default order',
}));

/** What a worker hears of its first call: after the test lets it, and not what the PSP says. */
interface Disturbed {
  readonly arrives: boolean;
  readonly told?: AuthorizeOutcome;
}

const NEVER_LEFT: Disturbed = { arrives: false, told: outcomes.notSent };

/** A PSP that everybody talks to, and what it really holds. */
class Psp {
  readonly truth = new ScriptedGateway();

  constructor(readonly psp: PspName) {}

  reachedBy(disturbed: Disturbed | undefined, released: Promise<void>): ScriptedGateway {
    let calls = 0;
    const truth = this.truth;
    const seen: ScriptedGateway = Object.create(truth) as ScriptedGateway;
    return Object.assign(seen, {
      psp: this.psp,
      authorize: async (request: Parameters<ScriptedGateway['authorize']>[0]) => {
        calls += 1;
        if (calls > 1 || disturbed === undefined) return truth.authorize(request);
        const outcome = disturbed.arrives ? await truth.authorize(request) : outcomes.notSent;
        await released;
        return disturbed.told ?? outcome;
      },
    });
  }
}

/** What a worker believes of a delivery; the true one by default. */
type Belief = (first: boolean) => boolean;

class Fleet {
  readonly clock = new VirtualClock();
  readonly store = new MemoryStore();
  readonly psps = { stripe: new Psp('stripe'), adyen: new Psp('adyen') };
  private readonly log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG), store: this.store });
  private readonly commands = paymentCommands({ log: this.log, clock: this.clock, chance: seededChance(9) });
  private readonly running: { driver: PaymentDriver; process: RunningProcess }[] = [];

  constructor(private readonly believes: Belief = (first) => first) {}

  /** Its connection to stripe is disturbed once. */
  worker(disturbed?: Disturbed) {
    const { clock, store, psps, believes } = this;
    const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG), store });
    const chance = seededChance(this.running.length + 1);
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const timers = inProcessTimers({ clock, run: (job) => driver.wakeSafely(job), report: () => undefined });
    const driver = new PaymentDriver({
      log,
      commands: paymentCommands({ log, clock, chance }),
      beginRefund: () => Promise.reject(new Error('nothing is refunded here')),
      retryRefund: () => Promise.reject(new Error('nothing is refunded here')),
      gateways: {
        stripe: psps.stripe.reachedBy(disturbed, released),
        adyen: psps.adyen.reachedBy(undefined, released),
      },
      timers,
      clock,
      chance,
      report: () => undefined,
    });
    let cutOff = false;
    const groups: ConsumerGroups = {
      join: (options) => {
        if (cutOff) throw new EventLogUnavailable('join', 'cut off');
        return believing(log.join(options), believes);
      },
      parked: (group) => log.parked(group),
      driveParked: (group) => log.driveParked(group),
    };
    const process = runProcess({
      name: GROUP,
      prefixes: [PAYMENT_PREFIX],
      groups,
      clock,
      report: () => undefined,
      handle: (event, delivery) => driver.handle(event, delivery),
    });
    this.running.push({ driver, process });
    return {
      /** What it was told of its disturbed call comes to its ears. */
      release,
      /** From now on the group takes it for gone, and gives what it had to others; it goes on working. */
      cutOff: (): void => {
        cutOff = true;
        log.dropSubscriptions('the connection is lost');
      },
    };
  }

  async pay(): Promise<void> {
    const context = { commandId: 'request', correlationId: 'c', causationId: 'c', actor: 'key' };
    await this.commands.handle(STREAM, initiate({ candidates: CANDIDATES }), context);
    await settle();
  }

  async payment(): Promise<Payment> {
    return (await loadPayment(this.log, STREAM))!.payment;
  }

  /** Charges that each PSP holds. */
  charges(): Readonly<Record<PspName, number>> {
    return { stripe: this.psps.stripe.truth.charges.size, adyen: this.psps.adyen.truth.charges.size };
  }

  async stop(): Promise<void> {
    for (const { driver } of this.running) driver.stop();
    await Promise.all(this.running.map(({ process }) => process.stop()));
  }
}

function believing(subscription: GroupSubscription, believes: Belief): GroupSubscription {
  return {
    acknowledge: (delivery) => {
      subscription.acknowledge(delivery);
    },
    close: () => subscription.close(),
    async *[Symbol.asyncIterator]() {
      for await (const batch of subscription)
        yield batch.map((delivery) => ({ ...delivery, first: believes(delivery.first) }));
    },
  };
}

interface Told {
  readonly charges: Readonly<Record<PspName, number>>;
  readonly status: string;
}

const HOUR_MS = 3_600_000;

/** A sends and hears nothing; the event goes to B, whose connection is refused. */
async function overlap(
  handOver: 'lost connection' | 'restart of the server',
  believes?: Belief,
): Promise<Told> {
  const fleet = new Fleet(believes);
  const a = fleet.worker({ arrives: true });
  await settle();
  await fleet.pay();
  fleet.worker(NEVER_LEFT).release();
  await settle();
  if (handOver === 'restart of the server') fleet.store.restart();
  a.cutOff();
  await fleet.clock.advance(200);
  return ending(fleet, a);
}

/** A is refused and slow to say so; the event goes to B, which charges and is still waiting for the answer. */
async function slowRefusal(): Promise<Told> {
  const fleet = new Fleet();
  const a = fleet.worker(NEVER_LEFT);
  await settle();
  await fleet.pay();
  const b = fleet.worker({ arrives: true });
  await settle();
  a.cutOff();
  await fleet.clock.advance(5_000);
  a.release();
  await settle();
  return ending(fleet, b);
}

async function ending(fleet: Fleet, last: { release: () => void }): Promise<Told> {
  last.release();
  await fleet.clock.advance(HOUR_MS);
  const { status } = await fleet.payment();
  const told = { charges: fleet.charges(), status };
  await fleet.stop();
  return told;
}

const ONE_CHARGE: Told = { charges: { stripe: 1, adyen: 0 }, status: 'succeeded' };

describe('two workers', () => {
  it('charge once while nothing is wrong', async () => {
    const fleet = new Fleet();
    fleet.worker();
    fleet.worker();
    await settle();
    await fleet.pay();
    expect([fleet.charges(), (await fleet.payment()).status]).toEqual([ONE_CHARGE.charges, 'succeeded']);
    await fleet.stop();
  });

  it('ask the next PSP at once when the one that was surely the first is refused', async () => {
    const fleet = new Fleet();
    for (const worker of [fleet.worker(NEVER_LEFT), fleet.worker(NEVER_LEFT)]) worker.release();
    await settle();
    await fleet.pay();
    expect([fleet.charges(), (await fleet.payment()).status]).toEqual([{ stripe: 0, adyen: 1 }, 'succeeded']);
    await fleet.stop();
  });

  it.each(['lost connection', 'restart of the server'] as const)(
    'do not take a refusal of the second for proof while the first is still waiting for its answer (%s)',
    async (handOver) => {
      expect(await overlap(handOver)).toEqual(ONE_CHARGE);
    },
  );

  it('do not take a late refusal of the first for proof once the second has sent', async () => {
    expect(await slowRefusal()).toEqual(ONE_CHARGE);
  });
});

describe('the same stories', () => {
  it.each(['lost connection', 'restart of the server'] as const)(
    'end in two charges where whoever is live calls itself the first (%s)',
    async (handOver) => {
      const told = await overlap(handOver, () => true);
      expect(told.charges).toEqual({ stripe: 1, adyen: 1 });
    },
  );
});
