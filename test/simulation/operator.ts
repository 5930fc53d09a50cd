import type { Found, FoundOfRefund } from '../../apps/api/src/payments/resolve.dto';
import type { Operation, Payment } from '@tender/domain';
import {
  KEY_SAFE_FOR_MS,
  attemptOf,
  findOperation,
  isOpenOperation,
  partsOfRefundReference,
  requestIdOf,
  reversedAgainMs,
  unreturnedCharges,
} from '@tender/domain';
import { sleep } from '@tender/engine';
import type { OpenFlow } from '@tender/readmodels';
import { MERCHANT } from './client';
import type { SeenOfRefund } from './customer-area';
import type { Fleet } from './fleet';
import { checkPosition, checkPositions } from './open-positions';
import type { OurRequest } from './psp-wire';
import type { SeededChance } from './seeded-chance';
import type { World } from './world';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Of what nobody can tell, people are told from this age on. */
const OLD_MS = 15 * MINUTE_MS;
const TRIES = 4;
const WAIT_MS = 10_000;
/** What he does about a charge that its PSP does not give back. */
const BY_HAND = 0.4;
const PAYS_IN = 0.8;

interface Said {
  readonly request: OurRequest;
  readonly idempotencyKey: string;
  readonly found: FoundOfRefund;
}

/**
 * Whoever looks at what has stayed open: he sees in the PSP's own pages how it stands, and says so by the command of the
 * API. What he says is true; when he says it is bad luck: twice, while a notice is on its way, of what has ended here.
 */
export class Operator {
  private readonly chance: SeededChance;
  /** How a request stood when it first came to an end at its PSP. */
  private readonly atFirst = new Map<string, SeenOfRefund>();

  constructor(
    private readonly world: World,
    private readonly fleet: Fleet,
  ) {
    this.chance = world.chance.fork();
  }

  start(): void {
    const { world, chance } = this;
    world.onNextTry = (request) => {
      if (world.faults.happens('word_of_the_past')) void this.speakOfThePast(request);
    };
    world.onEndAtPsp = (request) => {
      const { operationId } = request;
      const seen = this.seenOf(request);
      if (seen !== undefined && !this.atFirst.has(operationId)) this.atFirst.set(operationId, seen);
      if (!world.faults.happens('word_at_once')) return;
      const withinMs = chance.oneOf([100, 5_000, 10 * MINUTE_MS]);
      world.scheduler.after(chance.random() * withinMs, () => void this.speakOf(request));
    };
    const look = (): void => {
      this.look();
      world.scheduler.after(chance.between(1, 6) * HOUR_MS, look);
    };
    world.scheduler.after(chance.random() * HOUR_MS, look);
  }

  private look(): void {
    const { readTarget, scheduler } = this.world;
    checkPositions(this.world);
    const isOld = (since: string): boolean => scheduler.now() - Date.parse(since) > OLD_MS;
    for (const flow of readTarget.openFlows()) {
      if (flow.kind === 'charge_not_returned') void this.seeTo(flow);
      else if (flow.kind === 'operation_open' && isOld(flow.since)) void this.lookAt(flow);
    }
    for (const { psp, paymentId, tries } of readTarget.openRefunds()) {
      const last = tries.at(-1);
      if (last?.search == null || !isOld(last.startedAt)) continue;
      const { operationId, startedAt } = last;
      const mayDo = !last.search.keyBurnt && this.isKept(psp, startedAt);
      void this.speakOf({ kind: 'refund', psp, paymentId, operationId }, mayDo);
    }
  }

  /** Whether a PSP knows a key for sure: then the request may still be sent, and it is too early for a "not done". */
  private isKept(psp: OurRequest['psp'], startedAt: string): boolean {
    return this.world.scheduler.now() - Date.parse(startedAt) < KEY_SAFE_FOR_MS[psp];
  }

  private async lookAt({ paymentId, subject }: OpenFlow): Promise<void> {
    const payment = this.world.auditor.stateOf(paymentId);
    const operation = payment === null ? undefined : findOperation(payment, subject);
    if (payment === null || operation?.search == null || !isOpenOperation(operation)) return;
    const { psp } = attemptOf(payment, operation);
    const mayDo = !operation.search.keyBurnt && this.isKept(psp, operation.startedAt);
    await this.speakOf({ kind: 'operation', psp, paymentId, operationId: subject }, mayDo);
  }

  /** Of a charge that was not given back: somebody has it given back by hand, or pays in what it takes, or does neither. */
  private async seeTo(flow: OpenFlow): Promise<void> {
    const { world, chance } = this;
    const payment = world.auditor.stateOf(flow.paymentId);
    const operation = payment === null ? undefined : leftToPeople(payment, flow.subject);
    // the read model may be behind
    if (payment === null || operation === undefined) return;
    checkPosition(world, flow, payment, operation);
    const { attemptId, paymentReference, id: operationId } = operation;
    const { psp } = attemptOf(payment, operation);
    const { area } = world.psps[psp];
    const request: OurRequest = { kind: 'operation', psp, paymentId: payment.id, operationId };
    const byHand = area.givenByHand(attemptId, paymentReference);
    if (byHand !== undefined) {
      await this.tell(request, byHand);
    } else if (area.isHeld(attemptId, paymentReference)) {
      const luck = chance.random();
      if (luck < BY_HAND) {
        await this.tell(request, area.giveBack(attemptId, paymentReference));
      } else {
        if (luck < PAYS_IN) area.payIn(attemptId, paymentReference);
        await this.tell(request, area.ofOperation(operationId));
      }
    }
  }

  /** @param mayBeDone its request may still be sent, so that "not done" is said too early */
  private async speakOf(request: OurRequest, mayBeDone = false): Promise<void> {
    const { operationId, paymentId, psp } = request;
    const { area } = this.world.psps[psp];
    const seen = this.seenOf(request);
    if (seen === undefined) return;
    if (seen.found === 'not_done' && mayBeDone && !this.chance.happens(0.1)) return;
    const payment = this.world.auditor.stateOf(paymentId);
    const operation = payment === null ? undefined : findOperation(payment, operationId);
    if (operation?.kind === 'reversal' && seen.found === 'not_done' && this.chance.happens(0.5)) {
      area.payIn(operation.attemptId, operation.paymentReference);
    }
    await this.tell(request, seen);
  }

  /** He has looked long ago, and speaks when another try has begun: it was true, and is of no use. */
  private async speakOfThePast(request: OurRequest): Promise<void> {
    const { world, chance } = this;
    await sleep(world.scheduler, chance.random() * chance.oneOf([500, 5_000, MINUTE_MS]));
    const seen = this.atFirst.get(request.operationId) ?? this.seenOf(request);
    if (seen !== undefined) await this.tell(request, seen);
  }

  private seenOf({ kind, psp, operationId }: OurRequest): SeenOfRefund | undefined {
    const { area } = this.world.psps[psp];
    return kind === 'refund' ? area.ofRefund(operationId) : area.ofOperation(operationId);
  }

  private async tell(request: OurRequest, seen: SeenOfRefund): Promise<void> {
    const { faults, scheduler } = this.world;
    const { operationId } = request;
    const found = this.foundOf(seen);
    const said = { request, found, idempotencyKey: `about ${operationId}` };
    for (let tries = 0; tries < TRIES; tries += 1) {
      if (faults.happens('word_twice')) {
        const sameKey = this.chance.happens(0.5);
        void this.say(sameKey ? said : { ...said, idempotencyKey: `once more about ${operationId}` });
      }
      const answer = await this.say(said);
      if (answer === 'heard') faults.count(`word_${found.found}`);
      if (answer === 'of no use') faults.count('word_of_no_use');
      if (answer !== undefined) return;
      await sleep(scheduler, this.chance.between(100, 5_000));
    }
  }

  private foundOf(seen: SeenOfRefund): FoundOfRefund {
    if (seen.found === 'not_done') return { ...seen, occurredAt: null };
    const { found, pspReference, occurredAt } = seen;
    const isTold = !this.world.faults.happens('word_without_time');
    return { found, pspReference, occurredAt: isTold ? occurredAt : null };
  }

  private async say({ request, idempotencyKey, found }: Said): Promise<'heard' | 'of no use' | undefined> {
    const { world, chance, fleet } = this;
    const { kind, paymentId, operationId } = request;
    const refund = kind === 'refund' ? partsOfRefundReference(operationId) : undefined;
    const requestId = requestIdOf(refund?.refundId ?? paymentId, 'resolve', idempotencyKey);
    world.auditor.words.spoken({ requestId, about: operationId, found: found.found });
    world.auditor.note(paymentId, 'an operator says', { about: operationId, ...found });
    const api = fleet.anApi(chance);
    const freeText = { by: 'R. Jansen', evidence: 'seen in the pages of the PSP' };
    const key = { idempotencyKey, fingerprint: JSON.stringify([operationId, found]) };
    const caller = { merchant: MERCHANT, keyId: 'ops', requestId: chance.uuid(), waitMs: WAIT_MS };
    const answer =
      refund === undefined
        ? api?.change({
            ...caller,
            paymentId,
            change: { kind: 'resolve', key, operationId, found: ofOperation(found), freeText },
          })
        : api?.changeRefund({
            ...caller,
            refundId: refund.refundId,
            change: { kind: 'resolve', number: refund.number, key, found, freeText },
          });
    if (answer === undefined) return undefined;
    const heard = await Promise.race([answer.catch(() => undefined), this.patience()]);
    world.auditor.note(paymentId, 'the operator hears', heard?.kind === 'refused' ? heard.code : heard?.kind);
    if (heard?.kind === 'refused') return 'of no use';
    return heard?.kind === 'payment' || heard?.kind === 'refund' ? 'heard' : undefined;
  }

  private async patience(): Promise<undefined> {
    await sleep(this.world.scheduler, WAIT_MS + 5_000);
    return undefined;
  }
}

function ofOperation(found: FoundOfRefund): Found {
  if (found.found === 'returned') throw new Error('no operation gives money that comes back');
  return found;
}

/** A charge that no timer gives back any more. */
export const leftToPeople = (payment: Payment, operationId: string): Operation | undefined =>
  unreturnedCharges(payment).find(
    (one) => one.id === operationId && reversedAgainMs(payment, one) === undefined,
  );
