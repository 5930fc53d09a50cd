import { anyPaymentHistory, bookedSteps, SOME_TIME, type BookedStep } from '@tender/testing';
import fc from 'fast-check';
import type { Operation, Payment } from '../payment/payment';
import { lostMinorOf } from '../payment/dispute';
import { isEnded, isOpenOperation } from '../payment/payment';
import type { PaymentEvent } from '../payment/payment.events';
import { evolvePayment } from '../payment/payment.state';
import { reversedAgainMs, unreturnedCharges } from '../payment/unreturned-charge';
import { BOOKINGS } from './book';
import { accountOf } from './chart';
import type { Journal } from './journal';
import { templateId } from './template';
import { balancesOf, netOf, totalsOf } from './trial-balance';

interface Step extends BookedStep {
  readonly payment: Payment;
  /** All journals so far. */
  readonly posted: readonly Journal[];
}

function stepsOf(events: readonly PaymentEvent[]): readonly Step[] {
  const posted: Journal[] = [];
  let payment: Payment | null = null;
  return bookedSteps(events).map((step, at) => {
    payment = evolvePayment(payment, events[at]!, SOME_TIME);
    posted.push(...step.journals);
    return { ...step, payment: payment!, posted: [...posted] };
  });
}

const RUNS = 1_000;

const holdsAfterEach = (rule: (step: Step) => void): void => {
  fc.assert(
    fc.property(anyPaymentHistory, (history) => {
      for (const step of stepsOf(history)) rule(step);
    }),
    { numRuns: RUNS },
  );
};

/** Between the events of one append a payment is in no state that anybody sees, so this looks at the end of each story. */
const holds = (rule: (step: Step) => void): void => {
  fc.assert(
    fc.property(anyPaymentHistory, (history) => {
      rule(stepsOf(history).at(-1)!);
    }),
    { numRuns: RUNS },
  );
};

const amounts = (journals: readonly Journal[], account: string): Readonly<Record<string, bigint>> =>
  Object.fromEntries(
    balancesOf(journals, 'key')
      .filter((row) => row.account === account && netOf(row) !== 0n)
      .map((row) => [row.key, netOf(row)]),
  );

const sumOf = (values: Iterable<bigint>): bigint => [...values].reduce((sum, value) => sum + value, 0n);

const reversalsOf = (
  { operations }: Payment,
  attemptId: string,
  pspReference: string | null,
): readonly Operation[] =>
  operations.filter(
    (one) => one.kind === 'reversal' && one.attemptId === attemptId && one.paymentReference === pspReference,
  );

const isOwed = (
  payment: Payment,
  { attemptId, pspReference, captured, fallen }: Payment['lateSuccesses'][number],
): boolean =>
  captured &&
  !fallen &&
  !reversalsOf(payment, attemptId, pspReference).some(({ status }) => status === 'succeeded');

/** What banks have got of what was owed. */
function settledOf(payment: Payment, late: Payment['lateSuccesses'][number]): bigint {
  const { attemptId, pspReference, amountMinor } = late;
  if (!isOwed(payment, late)) return 0n;
  const lost = payment.disputes
    .filter((one) => one.attemptId === attemptId && one.paymentReference === pspReference)
    .map(lostMinorOf);
  return sumOf(lost) < amountMinor ? sumOf(lost) : amountMinor;
}

const settledIn = (payment: Payment): bigint =>
  sumOf(payment.lateSuccesses.map((late) => settledOf(payment, late)));

const nonZero = (entries: readonly (readonly [string, bigint])[]): Readonly<Record<string, bigint>> =>
  Object.fromEntries(entries.filter(([, amount]) => amount !== 0n));

describe('after every event of every history', () => {
  it('each layer is in balance in each currency', () => {
    holdsAfterEach(({ posted }) => {
      for (const { debitMinor, creditMinor } of totalsOf(balancesOf(posted, 'account'))) {
        expect(debitMinor).toBe(creditMinor);
      }
    });
  });

  it('no account that has one side only stands on the other, for any key', () => {
    holdsAfterEach(({ posted }) => {
      for (const row of balancesOf(posted, 'key')) {
        const { neverOnOtherSide, normal } = accountOf(row.account)!;
        const onNormal = normal === 'debit' ? netOf(row) : -netOf(row);
        expect([row, !neverOnOtherSide || onNormal >= 0n]).toEqual([row, true]);
      }
    });
  });

  it('sales and the PSP’s debt are what the payment says was captured', () => {
    holds(({ posted, payment }) => {
      expect(-sumOf(Object.values(amounts(posted, '2100')))).toBe(payment.capturedMinor);
      const withoutSale = -sumOf(Object.values(amounts(posted, '2190')));
      const onItsWayBack = -sumOf(Object.values(amounts(posted, '2010')));
      expect(sumOf(Object.values(amounts(posted, '1110')))).toBe(
        payment.capturedMinor + withoutSale + onItsWayBack + settledIn(payment),
      );
    });
  });

  it('money without a sale is what is being given back and did not fall back', () => {
    holds(({ posted, payment }) => {
      const hasFallen = ({ attemptId, paymentReference }: Operation): boolean =>
        payment.lateSuccesses.some(
          (late) => late.attemptId === attemptId && late.pspReference === paymentReference && late.fallen,
        );
      const reversals = payment.operations.filter(
        (one) => one.kind === 'reversal' && one.captured && !hasFallen(one),
      );
      const given = reversals.filter(({ status }) => status === 'succeeded');
      expect(amounts(posted, '2010')).toEqual(
        nonZero(given.map(({ id, amountMinor }) => [id, -amountMinor])),
      );
    });
  });

  it('what is in doubt stands in the memo, by its attempt or operation, and nothing else does', () => {
    holds(({ posted, payment }) => {
      const { amountMinor } = payment;
      const doubts = [
        ...payment.attempts.filter(({ status }) => status === 'outcome_unknown').map(({ id }) => id),
        ...payment.operations
          .filter(({ kind, status }) => kind !== 'cancel' && status === 'outcome_unknown')
          .map(({ id }) => id),
      ];
      const open = amounts(posted, '9030');
      for (const subject of doubts) expect(open[subject]).toBeGreaterThan(0n);
      // approved while it is being ended, with automatic capture: whether it was taken is told by the end of that
      const untold = payment.attempts.filter(
        ({ status }) => status === 'authorized' && payment.captureMethod === 'automatic',
      );
      for (const [subject, amount] of Object.entries(open)) {
        expect([...doubts, ...untold.map(({ id }) => id)]).toContain(subject);
        expect(amount).toBeLessThanOrEqual(amountMinor);
      }
    });
  });

  it('what issuers hold stands in the memo, charge by charge: what waits to be captured, and what is being let go', () => {
    holds(({ posted, payment }) => {
      const { attempts, lateSuccesses, authorizedMinor, captureMethod } = payment;
      const held = new Map<string, bigint>();
      const hold = (id: string, amountMinor: bigint) => held.set(id, (held.get(id) ?? 0n) + amountMinor);
      for (const { id, status, pspReference } of attempts) {
        const waits = captureMethod === 'manual' && status === 'authorized';
        const taken = reversalsOf(payment, id, pspReference).some(({ captured }) => captured);
        if (waits && !taken) hold(id, authorizedMinor);
      }
      for (const { attemptId, pspReference, amountMinor, captured } of lateSuccesses) {
        const isLetGo = reversalsOf(payment, attemptId, pspReference).some(
          ({ status }) => status === 'succeeded',
        );
        if (!captured && !isLetGo) hold(attemptId, amountMinor);
      }
      expect(amounts(posted, '9010')).toEqual(nonZero([...held]));
    });
  });

  it('the memo is empty once all has ended', () => {
    holds(({ posted, payment }) => {
      const reversalFailed = payment.operations.some(
        ({ kind, status }) => kind === 'reversal' && status === 'failed',
      );
      if (!isEnded(payment) || payment.operations.some(isOpenOperation) || reversalFailed) return;
      const memo = balancesOf(posted, 'key').filter(({ layer }) => layer === 'memo');
      expect(memo.filter((row) => netOf(row) !== 0n)).toEqual([]);
    });
  });

  it('what disputes have taken is a claim while none is decided, and then a loss, or settles what was owed', () => {
    holds(({ posted, payment }) => {
      const { disputes } = payment;
      const outAndNotLost = disputes.map((one): [string, bigint] => [
        one.id,
        one.withdrawnMinor - lostMinorOf(one),
      ]);
      expect(amounts(posted, '1150')).toEqual(nonZero(outAndNotLost));
      expect(sumOf(Object.values(amounts(posted, '5200'))) + settledIn(payment)).toBe(
        sumOf(disputes.map(lostMinorOf)),
      );
    });
  });

  it('what is owed without a sale is what was taken and went no other way: given back, fallen, or to a bank', () => {
    holds(({ posted, payment }) => {
      const owed = new Map<string, bigint>();
      for (const late of payment.lateSuccesses) {
        if (!isOwed(payment, late)) continue;
        const { attemptId, amountMinor } = late;
        owed.set(attemptId, (owed.get(attemptId) ?? 0n) - amountMinor + settledOf(payment, late));
      }
      expect(amounts(posted, '2190')).toEqual(nonZero([...owed]));
    });
  });

  it('nobody is asked for a charge that a bank has got all of, and for no part of one that it has of', () => {
    holds(({ payment }) => {
      for (const { id, attemptId, paymentReference: pspReference } of unreturnedCharges(payment)) {
        const late = payment.lateSuccesses.find(
          (one) => one.attemptId === attemptId && one.pspReference === pspReference,
        );
        const settled = late === undefined ? 0n : settledOf(payment, late);
        expect([id, settled]).not.toEqual([id, late?.amountMinor]);
        const operation = payment.operations.find((one) => one.id === id)!;
        expect(settled === 0n || reversedAgainMs(payment, operation) === undefined).toBe(true);
      }
    });
  });

  it('only the templates post that the event names, and each of them at some time', () => {
    const used = new Map<string, Set<string>>();
    for (const { event, journals } of fc
      .sample(anyPaymentHistory, { numRuns: 5_000, seed: 1 })
      .flatMap(stepsOf)) {
      const templates = used.get(event.type) ?? new Set();
      for (const { template } of journals) templates.add(template);
      used.set(event.type, templates);
    }
    const named = [...used.keys()].map((type) => {
      const { by } = BOOKINGS[type as PaymentEvent['type']];
      return [type, by.map(templateId).sort()];
    });
    expect([...used].map(([type, templates]) => [type, [...templates].sort()])).toEqual(named);
  });
});
