import { uuidOf } from '@tender/domain';
import type { SeededChance } from '../simulation/seeded-chance';
import type { ApiClient, PaymentJson } from '../stack/api-client';
import { type Asking, pause, type Request } from './asking';

interface RefundJson {
  readonly id: string;
  readonly status: string;
}

const RATES = { captured: 0.7, capturedInPart: 0.3, givenBack: 0.6 } as const;
const CAPTURED: ReadonlySet<number> = new Set([200, 422]);
const REFUNDED: ReadonlySet<number> = new Set([201, 422]);
const CHANGED: ReadonlySet<number> = new Set([200, 422]);
/** Adyen tells of a capture by a notice alone, which may wait behind others that fail: nobody stands in the shop for that. */
const CAPTURE_SENDS = 4;
const LOOKS = 6;
const LOOK_EVERY_MS = 700;
/** Asked for at once, so that all of them together are more than was captured. */
const CROWD_AT_LEAST = 3;
const CROWD_AT_MOST = 6;

/** Null: all that is left. */
type Amount = number | null;
/** One after the other; those of one list at once. */
type Wishes = readonly (readonly Amount[])[];

const FAILS_LATE: ReadonlySet<unknown> = new Set([
  'pm_card_refundFail',
  'adyen_card_refund_fails',
  'adyen_card_refund_returned',
]);
const WISHES = ['all', 'part', 'parts and the rest', 'crowd', 'crowd'] as const;
const AFTER_FAILURE = ['tries again', 'tries again', 'gives it up', 'leaves it'] as const;

export interface AfterSalesDeps {
  readonly api: ApiClient;
  readonly asking: Asking;
}

/** What a merchant wants of a payment that was made: the money that is held for him, or to give it back. */
export class AfterSales {
  private notYetFailed: (() => Promise<void>)[] = [];

  constructor(private readonly deps: AfterSalesDeps) {}

  /** Of refunds that had not failed while their merchants looked, now that they have. */
  async decideTheRest(): Promise<void> {
    const rest = this.notYetFailed;
    this.notYetFailed = [];
    for (const decide of rest) await decide();
  }

  /**
   * @param key of the payment; every later request has one that is made of it
   * @param card by which it is known how its refunds end
   */
  async of(payment: PaymentJson, key: string, card: unknown, chance: SeededChance): Promise<void> {
    const paid =
      payment.status === 'requires_capture' && chance.happens(RATES.captured)
        ? await this.capture(payment, key, chance)
        : payment;
    if (paid?.status !== 'succeeded' || !chance.happens(RATES.givenBack)) return;
    const wishes = wishesFor(paid.amount_captured, chance);
    let asked = 0;
    for (const atOnce of wishes) {
      const each = atOnce.map((amount) => {
        asked += 1;
        return { amount, key: `${key}-refund-${asked}`, chance: chance.fork() };
      });
      await Promise.all(each.map((one) => this.giveBack(paid, one, FAILS_LATE.has(card))));
    }
  }

  private async capture(
    { id, amount }: PaymentJson,
    key: string,
    chance: SeededChance,
  ): Promise<PaymentJson | undefined> {
    const part = Math.ceil(amount * chance.between(0.3, 0.9));
    const body = chance.happens(RATES.capturedInPart) ? { amount: part } : {};
    const answer = await this.deps.asking.untilTold(
      request({ kind: 'capture', paymentId: uuid('pay', id) }, id, `${key}-capture`, body),
      CAPTURED,
      CAPTURE_SENDS,
    );
    return answer?.status === 200 ? answer.payment() : undefined;
  }

  private async giveBack(
    { id }: PaymentJson,
    { amount, key, chance }: { readonly amount: Amount; readonly key: string; readonly chance: SeededChance },
    failsLate: boolean,
  ): Promise<void> {
    const about = { kind: 'refund', paymentId: uuid('pay', id) } as const;
    const body = amount === null ? {} : { amount };
    const other = { amount: (amount ?? 0) + 1 };
    const answer = await this.deps.asking.insist(request(about, id, key, body), REFUNDED, chance, other);
    if (answer?.status === 201 && failsLate) await this.lookAfter(answer.json() as RefundJson, key, chance);
  }

  /** The money is owed still: it may be tried again, or given up. What fails later than anybody looks is looked at once more. */
  private async lookAfter({ id }: RefundJson, key: string, chance: SeededChance): Promise<void> {
    const what = chance.oneOf(AFTER_FAILURE);
    if (what === 'leaves it') return;
    if (!(await this.hasFailed(id))) {
      this.notYetFailed.push(() => this.decide(id, what, key, chance));
      return;
    }
    await this.decide(id, what, key, chance);
  }

  private async decide(
    id: string,
    what: 'tries again' | 'gives it up',
    key: string,
    chance: SeededChance,
  ): Promise<void> {
    const kind = what === 'tries again' ? 'retry' : 'abandon';
    const about = { kind, refundId: uuid('re', id) } as const;
    const path = `/v1/refunds/${id}/${kind}`;
    await this.deps.asking.insist({ about, path, key: `${key}-${kind}`, body: {} }, CHANGED, chance);
  }

  private async hasFailed(id: string): Promise<boolean> {
    for (let looks = 0; looks < LOOKS; looks += 1) {
      await pause(LOOK_EVERY_MS);
      const answer = await this.deps.api.get(`/v1/refunds/${id}`).catch(() => undefined);
      if (answer?.status === 200 && (answer.json() as RefundJson).status === 'failed') return true;
    }
    return false;
  }
}

function wishesFor(captured: number, chance: SeededChance): Wishes {
  const part = (from: number, to: number): number => Math.ceil(captured * chance.between(from, to));
  switch (chance.oneOf(WISHES)) {
    case 'all':
      return [[null]];
    case 'part':
      return [[part(0.1, 0.9)]];
    case 'parts and the rest':
      return [[part(0.1, 0.4)], [part(0.1, 0.4), null]];
    case 'crowd': {
      const size = Math.floor(chance.between(CROWD_AT_LEAST, CROWD_AT_MOST + 1));
      return [Array.from({ length: size }, () => part(1.05 / size, 1.8 / size))];
    }
  }
}

const request = (about: Request['about'], payment: string, key: string, body: Request['body']): Request => ({
  about,
  path: `/v1/payments/${payment}/${about.kind === 'refund' ? 'refunds' : about.kind}`,
  key,
  body,
});

function uuid(prefix: 'pay' | 're', id: string): string {
  const found = uuidOf(prefix, id);
  if (found === undefined) throw new Error(`${id} is no id of ours`);
  return found;
}
