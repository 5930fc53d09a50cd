import type { DisputeFact, DisputeStage, PspNews } from '@tender/domain';
import { refundReferenceOf } from '@tender/domain';
import type { ContractWorld, GatewayContract, PspUnderTest } from './psp-under-test';
import { chargeOf, heard, newsOf } from './psp-under-test';
import { refunder, toldOfRefund, type Taken } from './refund-contract';

/** Longer than any script of the simulators lasts. */
const LONG_MS = 3_600_000;

interface Fact {
  readonly occurredAt: string;
  readonly rank: number;
}

/** As the domain orders them: by time, and within one instant by rank. */
const inOrder = <Told extends Fact>(facts: readonly Told[]): readonly Told[] =>
  facts.toSorted((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt) || a.rank - b.rank);

/** Where the money of a dispute is, by its facts. */
const MONEY: readonly DisputeStage[] = ['funds_withdrawn', 'funds_reinstated', 'won', 'lost'];

/** What a PSP takes back after it had said yes. On a PSP of its own, since its clock is moved. */
export function describeLateFacts(contract: GatewayContract, world: Pick<ContractWorld, 'request'>): void {
  describe('what is told later', () => {
    let psp: PspUnderTest;
    const { taken, refundOf } = refunder({ ...world, psp: () => psp });

    beforeAll(async () => {
      psp = await contract.start();
    });
    afterAll(() => psp.stop());

    /** Whose charge each notice is about, as the engine finds out: by our reference, or by asking the PSP. */
    async function disputeFacts(charge: Taken): Promise<readonly DisputeFact[]> {
      const told: PspNews[] = [];
      for (const fields of await psp.notices()) {
        const subject = psp.translator.subjectOf(fields);
        const owner = subject?.kind === 'charge' ? await psp.gateway.identify(subject) : subject;
        if (owner !== null && 'attemptId' in owner && owner.attemptId === charge.attemptId) {
          told.push(psp.translator.translate(fields, charge));
        }
      }
      return inOrder(told.flatMap((news) => (news.kind === 'dispute' ? [news.fact] : [])));
    }

    it.each(contract.later.refunds)(
      'a refund that is %s has succeeded first, and has failed in the end',
      async (_, token, why) => {
        const charge = await taken({ token });
        const asked = refundOf(charge);
        expect((await heard(() => psp.gateway.refund(asked))).kind).toMatch(/succeeded|pending/);
        await psp.advance(LONG_MS);
        const told = (await toldOfRefund(psp, asked)).flatMap(({ outcome, rank }) =>
          'occurredAt' in outcome ? [{ ...outcome, rank }] : [],
        );
        expect(told.map(({ kind }) => kind)).toContain('succeeded');
        expect(inOrder(told).at(-1)).toMatchObject({ kind: 'failed', why, debited: true });
        expect(await chargeOf(psp, charge.attemptId)).toMatchObject({ refunds: [] });
        const again = { ...asked, operationId: refundReferenceOf(asked.refundId, 2) };
        expect((await heard(() => psp.gateway.refund(again))).kind).toMatch(/succeeded|pending/);
        expect(await chargeOf(psp, charge.attemptId)).toMatchObject({ refunds: [charge.amountMinor] });
      },
    );

    // not every PSP does that
    for (const [what, end, token] of contract.later.captures) {
      it(`a capture that is ${what} ends as ${end}`, async () => {
        const charge = await taken({ token, captureMethod: 'manual' });
        const { requestVersion, attemptId, paymentId, pspReference, amountMinor, currency } = charge;
        const asked = { requestVersion, attemptId, paymentId, pspReference, amountMinor, currency };
        const operationId = `${attemptId}-capture-1`;
        await heard(() => psp.gateway.capture({ ...asked, kind: 'capture', operationId, captured: false }));
        await psp.advance(LONG_MS);
        const told = (await newsOf(psp, charge)).flatMap((news) =>
          news.kind === 'operation' && 'occurredAt' in news.outcome
            ? [{ kind: news.outcome.kind, occurredAt: news.outcome.occurredAt, rank: news.rank }]
            : [],
        );
        expect(told.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['succeeded', 'failed']));
        expect(inOrder(told).at(-1)?.kind).toBe(end);
      });
    }

    const [disputed] = contract.later.disputes.filter(([, , money]) => money === 'funds_withdrawn');
    it('a refund of what a bank has taken ends as failed, however often it is asked for, and gives nothing back', async () => {
      const charge = await taken({ token: disputed?.[0] ?? '' });
      await psp.advance(LONG_MS);
      const asked = refundOf(charge);
      const said = [];
      for (let sends = 1; sends <= 3; sends += 1) said.push(await heard(() => psp.gateway.refund(asked)));
      await psp.settle();
      const told = (await toldOfRefund(psp, asked)).map(({ outcome }) => outcome);
      expect([...said, ...told].map(({ kind }) => kind)).not.toContain('succeeded');
      expect([said.at(-1), ...told]).toContainEqual(
        expect.objectContaining({ kind: 'failed', debited: false }),
      );
      expect(await chargeOf(psp, charge.attemptId)).toMatchObject({ refunds: [] });
    });

    it.each(contract.later.disputes)(
      'a dispute by %s ends as %s, its money is %s',
      async (token, end, money) => {
        const charge = await taken({ token });
        await psp.advance(LONG_MS);
        const facts = await disputeFacts(charge);
        expect(facts.at(-1)?.stage).toBe(end);
        expect(facts.findLast(({ stage }) => MONEY.includes(stage))?.stage ?? 'untouched').toBe(money);
        expect(new Set(facts.map(({ disputeReference }) => disputeReference)).size).toBe(1);
        for (const fact of facts) {
          expect(fact).toMatchObject({ amountMinor: charge.amountMinor, currency: charge.currency });
          expect(Date.parse(fact.evidenceDueBy ?? '')).toBeGreaterThan(Date.parse(fact.occurredAt));
        }
      },
    );
  });
}
