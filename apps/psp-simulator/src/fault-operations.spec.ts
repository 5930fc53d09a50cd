import { Driven as DrivenAdyen, MANUAL } from './adyen/driven-by-sdk';
import { DEFAULT_MERCHANT_ACCOUNT } from './adyen/server';
import { Driven as DrivenStripe } from './stripe/driven-by-sdk';
import type { TruthRow } from './truth';

/** One operation of a PSP: what has to be there first, and the call that meets the fault. */
interface Case {
  readonly op: string;
  /** What its success adds to the truth, or turns it into. */
  readonly done: string;
  prepare(): Promise<() => Promise<unknown>>;
}

let stripe: DrivenStripe;
let adyen: DrivenAdyen;
beforeAll(async () => {
  stripe = await DrivenStripe.start();
  adyen = await DrivenAdyen.start();
});
beforeEach(async () => {
  await stripe.control('POST', 'reset');
  await adyen.control('POST', 'reset');
});
afterAll(async () => {
  await stripe.simulator.stop();
  await adyen.simulator.stop();
});

const key = { idempotencyKey: 'under-test' };
const ofStripe: readonly Case[] = [
  {
    op: 'authorize',
    done: 'charge succeeded',
    prepare: () => Promise.resolve(() => stripe.charge(key.idempotencyKey)),
  },
  {
    op: 'capture',
    done: 'capture succeeded',
    prepare: async () => {
      const { id } = await stripe.charge('held', { capture_method: 'manual' });
      return () => stripe.stripe.paymentIntents.capture(id, {}, key);
    },
  },
  {
    op: 'cancel',
    done: 'void succeeded',
    prepare: async () => {
      const { id } = await stripe.charge('held', { capture_method: 'manual' });
      return () => stripe.stripe.paymentIntents.cancel(id, {}, key);
    },
  },
  {
    op: 'refund',
    done: 'refund succeeded',
    prepare: async () => {
      const { id } = await stripe.charge('paid');
      return () => stripe.stripe.refunds.create({ payment_intent: id }, key);
    },
  },
];

const amount = { merchantAccount: DEFAULT_MERCHANT_ACCOUNT, amount: { currency: 'EUR', value: 1099 } };
const ofAdyen: readonly Case[] = [
  {
    op: 'authorize',
    done: 'charge succeeded',
    prepare: () => Promise.resolve(() => adyen.pay(key.idempotencyKey)),
  },
  {
    op: 'details',
    done: 'charge succeeded',
    prepare: async () => {
      const { action } = await adyen.pay('asked', {}, 'card_3ds');
      const { url } = action as { url: string };
      const back = await fetch(url, { method: 'POST', body: 'result=pass', redirect: 'manual' });
      const target = new URL(back.headers.get('location') ?? '');
      const redirectResult = target.searchParams.get('redirectResult') ?? '';
      return () => adyen.payments.paymentsDetails({ details: { redirectResult } }, key);
    },
  },
  {
    op: 'capture',
    done: 'capture pending',
    prepare: async () => {
      const { pspReference = '' } = await adyen.pay('held', MANUAL);
      return () => adyen.modifications.captureAuthorisedPayment(pspReference, amount, key);
    },
  },
  {
    op: 'cancel',
    done: 'void pending',
    prepare: async () => {
      const { pspReference = '' } = await adyen.pay('held', MANUAL);
      return () => adyen.modifications.cancelAuthorisedPaymentByPspReference(pspReference, amount, key);
    },
  },
  {
    op: 'cancel',
    done: 'void pending',
    prepare: async () => {
      await adyen.pay('held', MANUAL);
      const request = { merchantAccount: DEFAULT_MERCHANT_ACCOUNT, paymentReference: 'att_held' };
      return () => adyen.modifications.cancelAuthorisedPayment(request, key);
    },
  },
  {
    op: 'refund',
    done: 'refund pending',
    prepare: async () => {
      const { pspReference = '' } = await adyen.pay('paid');
      return () => adyen.modifications.refundCapturedPayment(pspReference, amount, key);
    },
  },
  {
    op: 'reversal',
    done: 'void pending',
    prepare: async () => {
      const { pspReference = '' } = await adyen.pay('held', MANUAL);
      return () => adyen.modifications.refundOrCancelPayment(pspReference, amount, key);
    },
  },
];

/** Whether the client hears a result, whether the PSP did it, and what the same request is told when it comes again. */
const FAULTS: readonly [fault: string, heard: boolean, done: boolean, again: 'result' | 'error'][] = [
  ['timeout_before', false, false, 'result'],
  ['timeout_after_commit', false, true, 'result'],
  ['reset_before', false, false, 'result'],
  ['reset_after_commit', false, true, 'result'],
  ['500_after_commit', false, true, 'error'],
  ['500_not_executed', false, false, 'result'],
  ['500_stored_not_executed', false, false, 'error'],
  ['refused:20', false, false, 'result'],
  ['429', false, false, 'result'],
  ['409', false, false, 'result'],
  ['slow:20', true, true, 'result'],
];

interface Driving {
  truth(): Promise<TruthRow[]>;
  failNext(op: string, fault: string): Promise<void>;
}

async function meets(driven: Driving, { op, done, prepare }: Case, fault: string): Promise<unknown[]> {
  const call = await prepare();
  const told = (): Promise<boolean> =>
    call().then(
      () => true,
      () => false,
    );
  await driven.failNext(op, fault);
  const heard = await told();
  const wasDone = await untilOpen(driven, done);
  const again = (await told()) ? 'result' : 'error';
  const rows = await driven.truth();
  const times = rows.filter(
    ({ kind, idempotency_key: by }) => kind !== 'charge' && by === key.idempotencyKey,
  );
  expect(times.length).toBeLessThanOrEqual(1);
  return [heard, wasDone, again];
}

/** Adyen's results may have become visible meanwhile. */
const isDone = (rows: readonly TruthRow[], done: string): boolean =>
  rows.some(({ kind, status }) =>
    [`${kind} ${status}`, `${kind} ${status}`.replace('succeeded', 'pending')].includes(done),
  );

/** The fault `refused` closes the control port, too. */
async function untilOpen(driven: Driving, done: string): Promise<boolean> {
  for (;;) {
    try {
      return isDone(await driven.truth(), done);
    } catch {
      await new Promise((later) => setTimeout(later, 10));
    }
  }
}

describe.each(FAULTS)('%s', (fault, heard, done, again) => {
  it.each(ofStripe)('strikes $op at Stripe', async (one) => {
    expect(await meets(stripe, one, fault)).toEqual([heard, done, again]);
  });

  it.each(ofAdyen)('strikes $op at Adyen', async (one) => {
    expect(await meets(adyen, one, fault)).toEqual([heard, done, again]);
  });

  it('strikes a lookup at Stripe, which changes nothing', async () => {
    const { id } = await stripe.charge('k');
    await stripe.failNext('lookup', fault);
    const look = stripe.stripe.paymentIntents.retrieve(id);
    const result = await look.then(
      ({ status }) => status,
      () => 'nothing',
    );
    expect(result).toBe(heard ? 'succeeded' : 'nothing');
    expect(await untilOpen(stripe, 'charge succeeded')).toBe(true);
  });
});

describe('a rate limit', () => {
  const LIMIT = 3;
  const burst = (call: (n: number) => Promise<unknown>): Promise<unknown[]> =>
    Promise.all(
      Array.from({ length: 2 * LIMIT }, (_, n) =>
        call(n).then(
          () => 200,
          (error: unknown) => (error as { statusCode?: number }).statusCode,
        ),
      ),
    );

  it.each([
    ['Stripe', () => stripe, (n: number) => stripe.charge(`k${n}`)],
    ['Adyen', () => adyen, (n: number) => adyen.pay(`k${n}`)],
  ])(
    'at %s is answered 429 before the key is seen, and lets other operations through',
    async (_psp, on, pay) => {
      const driven = on();
      await driven.control('PUT', 'rate_limit', { rate_limit_per_second: LIMIT });
      const statuses = await burst(pay);
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(LIMIT);
      const turnedAway = statuses.indexOf(429);
      expect(turnedAway).toBeGreaterThanOrEqual(0);
      expect(await driven.truth()).toHaveLength(statuses.filter((status) => status === 200).length);
      expect(await driven.control('GET', 'rate_limit')).toEqual({
        rate_limit_per_second: LIMIT,
        refused: statuses.filter((status) => status === 429).length,
      });
      await driven.control('PUT', 'rate_limit', { rate_limit_per_second: null });
      await pay(turnedAway);
      const keys = (await driven.truth()).map(({ idempotency_key: by }) => by);
      expect(keys.filter((by) => by === `k${turnedAway}`)).toHaveLength(1);
    },
  );

  it.each([{}, { rate_limit_per_second: 0 }, { rate_limit_per_second: 1.5 }, { rate_limit_per_second: '5' }])(
    'is not %j',
    async (body) => {
      await expect(stripe.control('PUT', 'rate_limit', body)).rejects.toThrow('rate_limit_per_second');
    },
  );
});
