import type { CreatePaymentAnswer, CreatePaymentRequest } from '../../apps/api/src/payments/create-payment';
import type { Book, paymentDecider, PspGateway, PspName, refundDecider } from '@tender/domain';
import type { Clock, ProcessDeps } from '@tender/engine';
import type { ConsumerGroups, EventLog } from '@tender/eventstore';
import type { ReadTarget } from './read-target';

/** What a patch may use besides the part that it stands in for. */
export interface PatchScene {
  readonly clock: Clock;
  readonly gateways: Readonly<Record<PspName, PspGateway>>;
}

/**
 * Parts of the core replaced when a process is wired, so that a bug can be planted without touching production code.
 * None of them is set in a run that looks for real bugs.
 */
export interface Patches {
  gateway?(gateway: PspGateway, scene: PatchScene): PspGateway;
  log?(log: EventLog, scene: PatchScene): EventLog;
  decider?(decider: typeof paymentDecider): typeof paymentDecider;
  refundDecider?(decider: typeof refundDecider): typeof refundDecider;
  /** How the books of the world are kept. */
  readonly book?: Book;
  handle?(handle: ProcessDeps['handle'], scene: PatchScene): ProcessDeps['handle'];
  handleNotice?(handle: ProcessDeps['handle']): ProcessDeps['handle'];
  groups?(groups: ConsumerGroups): ConsumerGroups;
  apply?(target: ReadTarget): ReadTarget['apply'];
  requestId?(idempotencyKey: string, requestId: string): string;
  answer?(answer: CreatePaymentAnswer, request: CreatePaymentRequest): CreatePaymentAnswer;
  /** By the clock of whoever sends no time passes while he stands still. */
  readonly clockStands?: boolean;
  /** Work that nobody remembers: no sweep of the open flows. */
  readonly noSweep?: boolean;
}
