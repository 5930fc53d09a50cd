import type { AuthorizeOutcome, AuthorizeRequest } from '@tender/domain';
import { attemptIdOf, paymentIdOf, publicId } from '@tender/domain';
import * as fc from 'fast-check';
import { describeOperations } from './operations-contract';
import { describeLateFacts } from './late-facts-contract';
import type { GatewayContract, HeldCharge, PspUnderTest } from './psp-under-test';
import { expectTold, heard, says } from './psp-under-test';
import { describeRefunds } from './refund-contract';
import { describeWayBack } from './way-back-contract';

export type { GatewayContract, PspUnderTest } from './psp-under-test';

/*
 * What the engine relies on, of every PSP gateway, whatever the PSP and the network do:
 *
 *  1. A call never throws and always ends, by its own deadline if by nothing else.
 *  2. `declined` is said only when the PSP holds no money for the attempt, and never will under this key.
 *  3. `not_sent` to a first send is said only when the PSP never started on it.
 *  4. `approved` is said only when the PSP holds exactly one charge of exactly this amount.
 *  5. The same request again, with the same key, never makes a second charge while the key is safe.
 *  6. An answer that proves nothing is `unknown`, and the same request again, a look-up or a notice ends it.
 *  7. A look-up finds every charge that the PSP holds; `not_found` is said only when there is none. A PSP that has no
 *     look-up says `unavailable`, always, and tells of every charge by a notice.
 *  8. One call is one request: nobody but the engine repeats a charge.
 *
 * Of a capture, a cancel and a reversal (operations-contract.ts):
 *
 *  9. `succeeded` is said only when the PSP has done exactly that, with exactly this amount; `failed` only when it has
 *     not, and never will under this key; `pending` only when a notice will tell the end.
 * 10. The same operation again, with the same key, is never done twice while the key is safe; what is captured or
 *     given back in all is never more than was authorised.
 * 11. What is `unknown` is ended as in 6 and 7: `not_found` is said of an operation only when it has not been done.
 * 12. Every charge and all that is done to it is told by a notice, and no notice tells of what is not so: notices may
 *     come twice, late and in any order, each is true by itself.
 *
 * Of the way back from 3-D Secure (way-back-contract.ts):
 *
 * 13. `completeAction` says what the PSP knows: whatever the browser brings along, nothing is `approved` or `declined`
 *     by it. Asked again, with the same key, it never charges twice.
 *
 * Of a refund (refund-contract.ts):
 *
 * 14. As 9 to 12: never twice under one key, `succeeded` and `failed` only of what is so, the unknown comes to light.
 * 15. The PSP gives no more back than it took, however many refunds are asked for at once. That is its guard, not ours.
 *
 * Of what was said and is not so any more (late-facts-contract.ts):
 *
 * 16. A refund that comes back, a capture that is taken back or taken up again, and every step of a dispute are told by
 *     notices that have an order: by the PSP's time, and in one instant by their rank. The last one is how it is.
 * 17. A notice that names a charge by the PSP's reference alone leads to the attempt by asking the PSP (`identify`).
 *
 * Everything else about a PSP may differ.
 */

const SENDS_AT_MOST = 4;

export function describeGateway(name: string, contract: GatewayContract): void {
  describe(`${name} keeps the gateway contract`, () => {
    let psp: PspUnderTest;
    let attempts = 0;

    beforeAll(async () => {
      psp = await contract.start();
    });
    afterAll(() => psp.stop());

    function request(changes: Partial<AuthorizeRequest> = {}): AuthorizeRequest {
      attempts += 1;
      // a PSP that tells of nothing but a reference has to be told one that leads back
      const paymentId = paymentIdOf('contract', String(attempts));
      const attemptId = attemptIdOf(paymentId, 1);
      return {
        requestVersion: psp.gateway.requestVersion,
        attemptId,
        paymentId: publicId('pay', paymentId),
        idempotencyKey: `${attemptId}-authorize-1`,
        amountMinor: 1099n,
        currency: 'EUR',
        token: contract.tokens.approved,
        captureMethod: 'automatic',
        statementDescriptor: null,
        returnUrl: null,
        customerId: null,
        ...changes,
      };
    }

    const moneyHeldFor = async ({ attemptId }: AuthorizeRequest): Promise<readonly HeldCharge[]> =>
      (await psp.charges()).filter((charge) => charge.attemptId === attemptId && charge.holdsMoney);

    it.each(contract.money)('charges %s %d exactly, and reports it so', async (currency, amountMinor) => {
      for (const captureMethod of ['automatic', 'manual'] as const) {
        const asked = request({ currency, amountMinor, captureMethod });
        expect(await heard(() => psp.gateway.authorize(asked))).toMatchObject({
          kind: 'approved',
          amountMinor,
          captured: captureMethod === 'automatic',
        });
        expect(await moneyHeldFor(asked)).toMatchObject([{ amountMinor, currency }]);
      }
    });

    it('a refusal is a decline, and stays one when asked again', async () => {
      const asked = request({ token: contract.tokens.refused });
      const first = await heard(() => psp.gateway.authorize(asked));
      expect(first).toMatchObject({ kind: 'declined' });
      // a reply may carry no time but its own
      const again = { ...first, occurredAt: expect.any(String) as string };
      await expect(psp.gateway.authorize(asked)).resolves.toEqual(again);
      expect(await moneyHeldFor(asked)).toEqual([]);
    });

    it('the same key many times, one after another and at once, is one charge', async () => {
      const asked = request();
      await psp.gateway.authorize(asked);
      await psp.gateway.authorize(asked);
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => psp.gateway.authorize(asked)));
      expect(outcomes.map(says)).toEqual(outcomes.map(() => 'approved'));
      expect(await moneyHeldFor(asked)).toHaveLength(1);
    });

    it('the same key with another amount proves nothing', async () => {
      const asked = request();
      await psp.gateway.authorize(asked);
      expect(says(await psp.gateway.authorize({ ...asked, amountMinor: 1098n }))).toBe(
        contract.reusedKeySays,
      );
      expect(await moneyHeldFor(asked)).toHaveLength(1);
    });

    describe.each(contract.faults)('fault %s', (fault, expected) => {
      it(`a first send is ${expected}`, async () => {
        const asked = request();
        await psp.breakNext('authorize', [fault]);
        const outcome = await psp.gateway.authorize(asked);
        await psp.settle();
        expect(says(outcome)).toBe(expected);
        expectTrue(outcome, true, await moneyHeldFor(asked));
      });

      it('a refused card is never approved, and the truth comes to light', async () => {
        const asked = request({ token: contract.tokens.refused });
        await psp.breakNext('authorize', [fault]);
        expect((await psp.gateway.authorize(asked)).kind).not.toBe('approved');
        await psp.settle();
        await expectTold(psp, asked, []);
      });
    });

    it('says nothing untrue under any script of faults', async () => {
      const fault = fc.constantFrom(...contract.faults.map(([text]) => text));
      const script = fc.array(fc.oneof({ weight: 3, arbitrary: fault }, fc.constant('none')), {
        minLength: 1,
        maxLength: SENDS_AT_MOST,
      });
      const token = fc.constantFrom(contract.tokens.approved, contract.tokens.refused);
      await fc.assert(
        fc.asyncProperty(script, token, async (faults, paidWith) => {
          const asked = request({ token: paidWith });
          const outcomes: AuthorizeOutcome[] = [];
          for (const one of faults) {
            await psp.breakNext('authorize', one === 'none' ? [] : [one]);
            outcomes.push(await psp.gateway.authorize(asked));
          }
          await psp.breakNext('authorize', []);
          await psp.settle();
          const held = await moneyHeldFor(asked);
          expect(held.length).toBeLessThanOrEqual(1);
          const neverSentBefore = (index: number) =>
            outcomes.slice(0, index).every(({ kind }) => kind === 'not_sent');
          outcomes.forEach((outcome, index) => {
            // a later send may yet charge what an earlier one did not start on
            const nothingLater = outcomes.slice(index + 1).every(({ kind }) => kind === 'not_sent');
            expectTrue(outcome, nothingLater && neverSentBefore(index), held);
          });
          await expectTold(psp, asked, held);
        }),
        { numRuns: 25 },
      );
    });

    const world = { psp: () => psp, request };
    describeOperations(contract, world);
    describeRefunds(contract, world);
    describeLateFacts(contract, world);
    describeWayBack(contract, world);
  });
}

function expectTrue(outcome: AuthorizeOutcome, only: boolean, held: readonly HeldCharge[]): void {
  if (outcome.kind === 'declined') expect(held).toEqual([]);
  if (outcome.kind === 'not_sent' && only) expect(held).toEqual([]);
  if (outcome.kind === 'approved') expect(held).toMatchObject([{ amountMinor: outcome.amountMinor }]);
}
