import type { AuthorizeRequest } from '@tender/domain';
import type { ContractWorld, GatewayContract, HeldCharge } from './psp-under-test';
import { expectTold, heard, isStuck, says } from './psp-under-test';

export function describeWayBack(contract: GatewayContract, world: ContractWorld): void {
  const CAME_BACK = [{ name: 'redirect_status', value: 'succeeded' }];

  async function sentToThePage() {
    const asked = world.request({
      token: contract.tokens.challenged,
      returnUrl: 'https://shop.example/back',
    });
    const outcome = await heard(() => world.psp().gateway.authorize(asked));
    if (outcome.kind !== 'action_required') throw new Error(`no action: ${says(outcome)}`);
    const { pspReference } = outcome;
    const back = { ...asked, idempotencyKey: `${asked.attemptId}-complete-1`, pspReference };
    return { asked, back, url: outcome.action.url };
  }

  const heldFor = async (asked: AuthorizeRequest): Promise<readonly HeldCharge[]> =>
    (await world.psp().charges()).filter(
      ({ attemptId, holdsMoney }) => attemptId === asked.attemptId && holdsMoney,
    );

  describe('the buyer comes back', () => {
    it('having passed: approved, and once, however often it is asked', async () => {
      const { asked, back, url } = await sentToThePage();
      const result = await world.psp().challenge(url, true);
      for (const _time of [1, 2]) {
        const outcome = await heard(() => world.psp().gateway.completeAction({ ...back, result }));
        expect(outcome).toMatchObject({ kind: 'approved', amountMinor: asked.amountMinor });
      }
      await world.psp().settle();
      await expectTold(world.psp(), asked, await heldFor(asked));
      expect(await heldFor(asked)).toHaveLength(1);
    });

    it('having failed: declined', async () => {
      const { asked, back, url } = await sentToThePage();
      const result = await world.psp().challenge(url, false);
      const outcome = await heard(() => world.psp().gateway.completeAction({ ...back, result }));
      expect(outcome.kind).toBe('declined');
      await world.psp().settle();
      await expectTold(world.psp(), asked, []);
    });

    it('without having been there: neither, whatever the browser says', async () => {
      const { asked, back } = await sentToThePage();
      const outcome = await world.psp().gateway.completeAction({ ...back, result: CAME_BACK });
      expect(outcome.kind).not.toMatch(/approved|declined/);
      expect(await heldFor(asked)).toEqual([]);
    });

    it.each(contract.faults)('and meets the fault %s: asked again, it comes to light', async (fault) => {
      const psp = world.psp();
      const { asked, back, url } = await sentToThePage();
      const result = await psp.challenge(url, true);
      await psp.breakNext('completeAction', [fault]);
      const first = await psp.gateway.completeAction({ ...back, result });
      expect(first.kind).not.toBe('declined');
      await psp.settle();
      await psp.breakNext('completeAction', []);
      const second = await heard(() => psp.gateway.completeAction({ ...back, result }));
      await psp.settle();
      const held = await heldFor(asked);
      if (second.kind === 'approved') expect(held).toHaveLength(1);
      else expect(isStuck(second)).toBe(true);
      await expectTold(psp, asked, held);
    });
  });
}
