import type { Payment } from '@tender/domain';
import { MAX_PAGE_SIZE, OpenFlowsModel, PaymentStatusModel } from '@tender/readmodels';
import * as fc from 'fast-check';
import type { History } from './histories';
import { chanceOf, foldedPayment, history, interleaved } from './histories';
import type { OpenServer } from './open-server';

/** Timers are derived from this list alone: what is open must be in it, and what has ended must not. */
export function openFlows(opened: () => OpenServer): void {
  describe('open flows', () => {
    it('are exactly the payments with an attempt that waits, at every step of the way', async () => {
      const store = await opened().freshStore();
      const [model, flows] = [new PaymentStatusModel(store), new OpenFlowsModel(store)];
      await model.ensureIndexes();
      const histories = fc.sample(history(), { numRuns: 60, seed: 7 });
      const log = interleaved(histories, chanceOf(7));
      const half = Math.floor(log.length / 2);
      for (const [from, to] of [
        [0, half],
        [half, log.length],
      ] as const) {
        await model.apply(log.slice(from, to));
        const open = histories
          .map((one) => ({ one, payment: stateAt(one, log, to) }))
          .flatMap(({ one, payment }) => (payment === undefined ? [] : waiting(one, payment)));
        const listed = await listAll(flows, 7);
        const known = listed.map(({ paymentId, attemptId, kind, tries, stream }) => ({
          paymentId,
          attemptId,
          kind,
          tries,
          stream,
        }));
        expect(known).toEqual(open.sort((a, b) => (a.paymentId < b.paymentId ? -1 : 1)));
        expect(open.length).toBeGreaterThan(0);
      }
    });

    it('stand at the revision that the payment stands at', async () => {
      const store = await opened().freshStore();
      const [model, flows] = [new PaymentStatusModel(store), new OpenFlowsModel(store)];
      await model.ensureIndexes();
      const histories = fc.sample(history(), { numRuns: 40, seed: 8 });
      await model.apply(histories.flatMap(({ events }) => events));
      for (const { paymentId, revision } of await flows.list({ limit: MAX_PAGE_SIZE })) {
        expect((await model.get(paymentId))?.revision).toBe(revision);
      }
    });

    it.each([0, MAX_PAGE_SIZE + 1, 1.5, NaN])('refuse a page of %s', async (limit) => {
      const flows = new OpenFlowsModel(await opened().freshStore());
      await expect(flows.list({ limit })).rejects.toThrow(RangeError);
    });
  });
}

const waiting = ({ id, stream }: History, payment: Payment) => {
  const attempt = payment.attempts.find(
    ({ status }) => status === 'outcome_unknown' || status === 'requires_action',
  );
  return attempt === undefined
    ? []
    : [
        {
          paymentId: id,
          attemptId: attempt.id,
          kind: attempt.status,
          tries: attempt.search?.tries ?? 0,
          stream,
        },
      ];
};

function stateAt(one: History, log: readonly { stream: string }[], end: number): Payment | undefined {
  const seen = log.slice(0, end).filter(({ stream }) => stream === one.stream).length;
  return seen === 0 ? undefined : foldedPayment({ ...one, events: one.events.slice(0, seen) });
}

async function listAll(flows: OpenFlowsModel, limit: number) {
  const all = [];
  let page = await flows.list({ limit });
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    all.push(...page);
    page = await flows.list({ limit, after: last.paymentId });
  }
  return all;
}
