import { isOpenOperation, overdrawnMinor, type Payment } from '@tender/domain';
import { MAX_PAGE_SIZE, OpenFlowsModel, PaymentStatusModel } from '@tender/readmodels';
import * as fc from 'fast-check';
import type { History } from './histories';
import { chanceOf, foldedPayment, history, interleaved } from './histories';
import type { OpenServer } from './open-server';

/** Timers are derived from this list alone: what is open must be in it, and what has ended must not. */
export function openFlows(opened: () => OpenServer): void {
  describe('open flows', () => {
    it('are exactly the payments that wait for something, in the order of their time, at every step', async () => {
      const store = await opened().freshStore();
      const [model, flows] = [new PaymentStatusModel(store), new OpenFlowsModel(store)];
      await model.ensureIndexes();
      const histories = fc.sample(history(), { numRuns: 120, seed: 7 });
      const log = interleaved(histories, chanceOf(7));
      const half = Math.floor(log.length / 2);
      const kinds = new Set<string>();
      for (const [from, to] of [
        [0, half],
        [half, log.length],
      ] as const) {
        await model.apply(log.slice(from, to));
        const listed = await listAll(flows, 7);
        const open = histories.filter((one) => isWaiting(stateAt(one, log, to)));
        expect(listed.map(({ stream }) => stream).sort()).toEqual(open.map(({ stream }) => stream).sort());
        expect(listed.map(({ due }) => due)).toEqual(listed.map(({ due }) => due).sort());
        for (const { kind } of listed) kinds.add(kind);
      }
      expect([...kinds].sort()).toEqual([
        'dispute_undecided',
        'more_than_captured',
        'operation_open',
        'outcome_unknown',
        'requires_action',
        'requires_capture',
      ]);
    });

    it('are listed from their time on, and not a millisecond before', async () => {
      const store = await opened().freshStore();
      const [model, flows] = [new PaymentStatusModel(store), new OpenFlowsModel(store)];
      await model.ensureIndexes();
      const histories = fc.sample(history(), { numRuns: 60, seed: 9 });
      await model.apply(histories.flatMap(({ events }) => events));
      const some = (await listAll(flows, MAX_PAGE_SIZE)).find(({ kind }) => kind === 'requires_action');
      const dueMs = Date.parse(some?.due.slice(0, 24) ?? '');
      const isListed = async (beforeMs: number): Promise<boolean> => {
        const dueBefore = new Date(beforeMs).toISOString();
        const page = await flows.list({ limit: MAX_PAGE_SIZE, dueBefore });
        return page.some(({ paymentId }) => paymentId === some?.paymentId);
      };
      expect(await isListed(dueMs)).toBe(false);
      expect(await isListed(dueMs + 1)).toBe(true);
    });

    it('stand at the revision that the payment stands at', async () => {
      const store = await opened().freshStore();
      const [model, flows] = [new PaymentStatusModel(store), new OpenFlowsModel(store)];
      await model.ensureIndexes();
      const histories = fc.sample(history(), { numRuns: 40, seed: 8 });
      await model.apply(histories.flatMap(({ events }) => events));
      for (const { paymentId, revision } of await listAll(flows, MAX_PAGE_SIZE)) {
        expect((await model.get(paymentId))?.revision).toBe(revision);
      }
    });

    it.each([0, MAX_PAGE_SIZE + 1, 1.5, NaN])('refuse a page of %s', async (limit) => {
      const flows = new OpenFlowsModel(await opened().freshStore());
      await expect(flows.list({ limit, dueBefore: END_OF_TIME })).rejects.toThrow(RangeError);
    });
  });
}

const END_OF_TIME = '9999-12-31T23:59:59.999Z';

/** Without a call under way and without an end: only a timer, or a person, brings such a payment on. */
function isWaiting(payment: Payment | undefined): boolean {
  if (payment === undefined) return false;
  const { operations, attempts, status, disputes } = payment;
  if (overdrawnMinor(payment) > 0n || disputes.some((one) => one.status === 'open')) return true;
  if (operations.some((one) => isOpenOperation(one) && one.search !== null)) return true;
  const { status: attempt } = attempts.at(-1) ?? {};
  return attempt === 'outcome_unknown' || attempt === 'requires_action' || status === 'requires_capture';
}

function stateAt(one: History, log: readonly { stream: string }[], end: number): Payment | undefined {
  const seen = log.slice(0, end).filter(({ stream }) => stream === one.stream).length;
  return seen === 0 ? undefined : foldedPayment({ ...one, events: one.events.slice(0, seen) });
}

async function listAll(flows: OpenFlowsModel, limit: number) {
  const all = [];
  let page = await flows.list({ limit, dueBefore: END_OF_TIME });
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    all.push(...page);
    page = await flows.list({ limit, dueBefore: END_OF_TIME, after: last.due });
  }
  return all;
}
