import type { PaymentCommand, PspName, RefundCommand } from '@tender/domain';
import { EVENT_CATALOG } from '@tender/domain';
import {
  inProcessTimers,
  isRefundStream,
  loadPayment,
  loadRefund,
  paymentCommands,
  paymentStream,
  refundCommands,
  RefundDriver,
  refundStream,
  replayNotices,
  WebhookDriver,
  webhookCommands,
  WEBHOOK_PREFIX,
} from '@tender/engine';
import {
  createCodec,
  createMemoryEventLog,
  MemoryStore,
  type MemoryEventLog,
  type MemoryFaults,
  type RecordedEvent,
} from '@tender/eventstore';
import { noticeReaders } from '@tender/nest';
import type { StoredParkedNotice } from '@tender/readmodels';
import {
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  sampleRefundId,
  seededChance,
  VirtualClock,
} from '@tender/testing';
import pino from 'pino';
import type { ApiOnMemory } from '../../apps/api/spec/api-on-memory';
import { apiOnMemory } from '../../apps/api/spec/api-on-memory';
import { createWorkerMetrics } from '../../apps/worker/src/metrics';
import { ParkedAges, rereadParked } from '../../apps/worker/src/parked-sweep';
import { eventText, sampleText, samplesIn, warningIn, type Happening } from './webhook-happening';
import { textOf, type Signed } from './webhook-notices';

export interface Delivering {
  /** At once, over two processes of the API. */
  readonly copies?: number;
  /** Somebody else than the PSP sends it. */
  readonly forged?: boolean;
  /** Of the PSP's clock ahead of ours when it signs, ms. */
  readonly clockAheadMs?: number;
  readonly secret?: string;
  readonly unreachable?: 'the store' | 'the store, for the second item';
}

const ATTEMPTS: Readonly<Record<string, string>> = { pi_1: SAMPLE_ATTEMPT_ID };
const STEP_MS = 500;

/**
 * The API's intake over HTTP and the worker's reading, on one log in memory and on virtual time: each does one thing at a
 * time, and what came of it is written down.
 */
export class WebhookDesk {
  readonly happenings: Happening[] = [];
  private readonly clock = new VirtualClock();
  private readonly faults: MemoryFaults = {};
  private readonly store = new MemoryStore();
  private readonly log: MemoryEventLog = createMemoryEventLog({
    codec: createCodec(EVENT_CATALOG),
    faults: this.faults,
    store: this.store,
  });
  private readonly deps = { log: this.log, clock: this.clock, chance: seededChance(1) };
  private readonly payments = paymentCommands(this.deps);
  private readonly refunds = refundCommands(this.deps);
  private readonly inbox = webhookCommands(this.deps);
  private readonly metrics = createWorkerMetrics();
  private readonly ages = new ParkedAges();
  private readonly parked = new Map<string, StoredParkedNotice>();
  private readonly logged: string[] = [];
  private readonly logger = pino({ level: 'warn' }, { write: (line: string) => this.logged.push(line) });
  private readonly noticeNames = new Map<string, string>();
  private readonly notices: WebhookDriver;
  private readonly refunding: RefundDriver;
  private readonly apis: ApiOnMemory[] = [];
  private results: string[] = [];
  private read = 0;
  private ids = 0;

  constructor() {
    const readers = noticeReaders({ byPsp: {} });
    this.notices = new WebhookDriver({
      ...this.deps,
      commands: this.payments,
      refunds: this.refunds,
      inbox: this.inbox,
      parked: {
        park: (notice) => Promise.resolve(void this.parked.set(notice.stream, notice)),
        release: (stream) => Promise.resolve(void this.parked.delete(stream)),
      },
      readers: {
        ...readers,
        stripe: {
          ...readers.stripe,
          identify: ({ pspReference }) => {
            const attemptId = ATTEMPTS[pspReference];
            return Promise.resolve(
              attemptId === undefined ? { kind: 'foreign' } : { kind: 'ours', attemptId },
            );
          },
        },
      },
      report: (psp, result) => {
        this.results.push(result.what);
        this.metrics.notice(psp, result);
      },
    });
    this.refunding = new RefundDriver({
      ...this.deps,
      commands: this.refunds,
      payments: this.payments,
      gateways: {},
      timers: inProcessTimers({ clock: this.clock, run: () => Promise.resolve(), report: () => undefined }),
      report: ({ what }) => {
        this.metrics.problem(what);
        this.logger.warn({ what }, 'refund process');
      },
    });
    this.metrics.watchParked(this.ages, () => this.clock.now());
  }

  async open(): Promise<this> {
    this.apis.push(await apiOnMemory({ clock: this.clock, webhookCommands: webhookCommands(this.deps) }));
    return this;
  }

  async close(): Promise<void> {
    for (const api of this.apis) await api.close();
    await this.log.close();
  }

  /** Whatever had happened before the story begins; nothing of it is told. */
  async given(...commands: readonly (PaymentCommand | RefundCommand)[]): Promise<void> {
    for (const command of commands) await this.command(command);
    this.read = this.store.size;
  }

  /** The PSP sends a notice, or several in one batch. */
  async delivers(what: string, signed: Signed, delivering: Delivering = {}): Promise<void> {
    const { copies = 1, forged = false, clockAheadMs = 0, unreachable } = delivering;
    while (this.apis.length < Math.min(copies, 2)) await this.open();
    const { url, headers, payload } = textOf(signed, this.clock.now() + clockAheadMs, forged);
    const deliver = async (index: number): Promise<number> => {
      const { app } = this.apiAt(index % this.apis.length).api;
      return (await app.inject({ method: 'POST', url, headers, payload })).statusCode;
    };
    const who = forged ? 'a forger' : NAMES[signed.psp];
    await this.tell(who, what, async (answered) => {
      this.beUnreachable(unreachable);
      const deliveries = Promise.all(Array.from({ length: copies }, (_, index) => deliver(index)));
      if (unreachable !== undefined || copies > 1) await this.passTimeUntil(deliveries);
      for (const status of await deliveries) answered(status);
      delete this.faults.append;
    });
  }

  /** What a PSP's reply, or a merchant, causes. */
  async hears(
    who: 'reply' | 'merchant',
    what: string,
    ...commands: readonly (PaymentCommand | RefundCommand)[]
  ) {
    await this.tell(who, what, async () => {
      for (const command of commands) await this.command(command);
    });
  }

  /** The worker is given every stored event that it has not been given, and passes on what refunds came to. */
  async reads(what = 'reads it'): Promise<void> {
    await this.tell('worker', what, async () => {
      while (this.read < this.store.size) {
        const index = this.read;
        this.read += 1;
        const event = await this.eventAt(index);
        if (event.stream.startsWith(WEBHOOK_PREFIX)) await this.notices.handle(event);
        else if (isRefundStream(event.stream)) await this.refunding.handle(event, { again: true });
      }
    });
  }

  /** The round that every parked notice is read again in. */
  async sweeps(what: string, afterMs = 0): Promise<void> {
    await this.clock.advance(afterMs);
    const parked = {
      list: () => Promise.resolve([...this.parked.values()]),
    };
    await this.tell('worker', what, () =>
      rereadParked({ parked, driver: this.notices, ages: this.ages, logger: this.logger }),
    );
  }

  /** Streams that hold a notice more than once. */
  storedTwice(): readonly string[] {
    const received = Array.from({ length: this.store.size }, (_, index) => index)
      .filter((index) => this.store.at(index).type === 'WebhookNoticeReceived')
      .map((index) => this.store.streamAt(index));
    return received.filter((stream, index) => received.indexOf(stream) !== index);
  }

  /** How many events it makes that every notice is read once more. */
  async recordedByReplay(): Promise<number> {
    const { size } = this.store;
    await replayNotices({ log: this.log, driver: this.notices });
    return this.store.size - size;
  }

  private async tell(
    who: string,
    what: string,
    act: (answered: (status: number) => void) => Promise<unknown>,
  ): Promise<void> {
    const before = await this.picture();
    this.results = [];
    const answers = new Map<number, number>();
    await act((status) => answers.set(status, (answers.get(status) ?? 0) + 1));
    const after = await this.picture();
    this.happenings.push({
      who,
      what,
      answers,
      recorded: this.recordedSince(before.size),
      results: this.results,
      changes: [...after.standing].flatMap(([name, value]) => {
        const was = before.standing.get(name);
        return was === value ? [] : [was === undefined ? `${name} ${value}` : `${name} ${was} → ${value}`];
      }),
      seen: [
        ...[...after.samples].flatMap(([name, value]) =>
          sampleText(name, before.samples.get(name) ?? 0, value),
        ),
        ...after.warnings.slice(before.warnings.length).map((text) => `log “${text}”`),
      ],
    });
  }

  private async picture() {
    const worker = await this.metrics.registry.metrics();
    const samples = samplesIn(worker);
    for (const api of this.apis) {
      for (const [name, value] of samplesIn((await api.get('/metrics')).body)) {
        samples.set(name, (samples.get(name) ?? 0) + value);
      }
    }
    const lines = [...this.apis.flatMap(({ logged }) => logged), ...this.logged];
    return {
      size: this.store.size,
      standing: await this.standing(),
      samples,
      warnings: lines.flatMap(warningIn),
    };
  }

  /** What is worth saying of payment and refund, by a name. */
  private async standing(): Promise<ReadonlyMap<string, string>> {
    const payment = (await loadPayment(this.log, paymentStream(SAMPLE_PAYMENT_ID)))?.payment;
    const refund = (await loadRefund(this.log, refundStream(sampleRefundId())))?.refund;
    const told = new Map<string, string>();
    if (payment !== undefined) {
      told.set('payment', payment.status);
      told.set('captured', String(payment.capturedMinor));
      for (const { status, withdrawnMinor } of payment.disputes) {
        told.set('dispute', status);
        told.set('withdrawn', String(withdrawnMinor));
      }
    }
    if (refund !== undefined) told.set('refund', refund.status);
    return told;
  }

  private recordedSince(size: number): Happening['recorded'] {
    const byStream = new Map<string, string[]>();
    for (let index = size; index < this.store.size; index += 1) {
      const { type, data } = this.store.at(index);
      const name = this.nameOf(this.store.streamAt(index));
      byStream.set(name, [...(byStream.get(name) ?? []), eventText(type, data)]);
    }
    return [...byStream].map(([stream, events]) => ({ stream, events }));
  }

  private nameOf(stream: string): string {
    if (!stream.startsWith(WEBHOOK_PREFIX)) return stream.slice(0, stream.indexOf('-'));
    const name = this.noticeNames.get(stream) ?? `notice ${this.noticeNames.size + 1}`;
    this.noticeNames.set(stream, name);
    return name;
  }

  private async eventAt(index: number): Promise<RecordedEvent> {
    const { id } = this.store.at(index);
    const event = (await this.log.readStream(this.store.streamAt(index))).find((one) => one.id === id);
    if (event === undefined) throw new Error(`no event ${id}`);
    return event;
  }

  private beUnreachable(what: Delivering['unreachable']): void {
    if (what === undefined) return;
    let first: string | undefined;
    this.faults.append = (stream) => {
      if (what === 'the store') return 'lost';
      first ??= stream;
      return stream === first ? undefined : 'lost';
    };
  }

  private async passTimeUntil(done: Promise<unknown>): Promise<void> {
    const waiting = { ended: false };
    const end = done.finally(() => (waiting.ended = true));
    while (!waiting.ended) await this.clock.advance(STEP_MS);
    await end;
  }

  private async command(command: PaymentCommand | RefundCommand): Promise<void> {
    this.ids += 1;
    const context = { commandId: `c-${this.ids}`, correlationId: 'c', causationId: 'c', actor: 'story' };
    const handled = await (isOfRefund(command)
      ? this.refunds.handle(refundStream(sampleRefundId()), command, context)
      : this.payments.handle(paymentStream(SAMPLE_PAYMENT_ID), command, context));
    if (handled.kind === 'refused') throw new Error(`${command.type}: ${handled.refusal.code}`);
  }

  private apiAt(index: number): ApiOnMemory {
    const api = this.apis[index];
    if (api === undefined) throw new Error('the desk is not open');
    return api;
  }
}

const NAMES: Readonly<Record<PspName, string>> = { stripe: 'Stripe', adyen: 'Adyen' };

const REFUND_COMMANDS: ReadonlySet<string> = new Set<RefundCommand['type']>([
  'InitiateRefund',
  'RecordRefundOutcome',
]);

const isOfRefund = (command: PaymentCommand | RefundCommand): command is RefundCommand =>
  REFUND_COMMANDS.has(command.type);
