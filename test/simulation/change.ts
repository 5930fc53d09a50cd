import { sleep } from '@tender/engine';
import type { Change } from '../../apps/api/src/payments/change-payment';
import type { Fleet } from './fleet';
import type { SeededChance } from './seeded-chance';
import type { World } from './world';

const WAIT_MS = 10_000;
const TRIES_WHILE_FAULTY = 4;

/** Something that is wanted of a payment which is there: asked under one key until its end is known, or refused. */
export class WantedChange {
  settled = false;
  private readonly chance: SeededChance;

  constructor(
    private readonly world: World,
    private readonly fleet: Fleet,
    private readonly about: { readonly merchant: string; readonly paymentId: string },
    private readonly change: Change,
  ) {
    this.chance = world.chance.fork();
  }

  /** Asks as callers do: again after silence, twice at once, with another body by mistake. */
  async insist(): Promise<void> {
    const { faults, scheduler } = this.world;
    for (let tries = 0; tries < TRIES_WHILE_FAULTY && !this.settled; tries += 1) {
      if (faults.happens('duplicate_request')) void this.askAgain();
      await this.askAgain();
      if (faults.happens('other_body')) await this.ask(otherBody(this.change));
      await sleep(scheduler, this.chance.between(100, 5_000));
    }
    if (faults.happens('duplicate_request')) await this.askAgain();
  }

  askAgain(): Promise<void> {
    return this.ask(this.change);
  }

  private async ask(change: Change): Promise<void> {
    const api = this.fleet.anApi(this.chance);
    const answer = api?.change({
      ...this.about,
      keyId: 'key',
      requestId: this.chance.uuid(),
      change,
      waitMs: WAIT_MS,
    });
    if (answer === undefined) return;
    const heard = await Promise.race([answer.catch(() => undefined), this.patience()]);
    if (change !== this.change) return;
    // a return has no key: its end is the payment's own affair
    const known = heard?.kind === 'payment' && (heard.settled || change.kind === 'continue');
    const refused = heard?.kind === 'refused' && heard.code !== 'operation_in_progress';
    // not found yet: the request that creates it may still be on its way
    if (known || refused) this.settled = true;
  }

  private async patience(): Promise<undefined> {
    await sleep(this.world.scheduler, WAIT_MS + 5_000);
    return undefined;
  }
}

function otherBody(change: Change): Change {
  if (change.kind === 'continue') return change;
  const key = { ...change.key, fingerprint: `${change.key.fingerprint} and another word` };
  return { ...change, key };
}
