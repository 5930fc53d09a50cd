import type { ActionResultEntry } from '@tender/domain';
import type { TruthRow } from '../../../apps/psp-simulator/src/truth';
import type { HeldCharge } from './psp-under-test';

/** The `refused` fault closes the control port, too. */
const ASK_AGAIN_MS = 15;

export type Control = (method: string, path: string, body?: object) => Promise<unknown>;

/** Steers a simulator under `/_sim/`. */
export const controlOf =
  ({ url }: { readonly url: string }): Control =>
  async (method, path, body) => {
    const response = await reachable(`${url}/_sim/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect(response.status).toBe(200);
    return response.json();
  };

async function reachable(url: string, init: RequestInit): Promise<Response> {
  for (;;) {
    try {
      return await fetch(url, init);
    } catch {
      await new Promise((later) => setTimeout(later, ASK_AGAIN_MS));
    }
  }
}

/** One charge a payment at the PSP, with what was done to it. */
export function chargesIn(truth: unknown): readonly HeldCharge[] {
  const rows = truth as TruthRow[];
  return rows
    .filter(({ kind }) => kind === 'charge')
    .map((charge) => {
      const done = (kind: TruthRow['kind']): readonly bigint[] =>
        rows
          .filter((row) => row.reference === charge.reference && row.kind === kind)
          .filter(({ status }) => status === 'succeeded' || status === 'pending')
          .map(({ amount }) => BigInt(amount));
      const captures = done('capture');
      const capturedAtOnce = charge.status === 'succeeded' && captures.length === 0;
      return {
        attemptId: charge.our_reference ?? '',
        amountMinor: BigInt(charge.amount),
        currency: charge.currency.toUpperCase(),
        holdsMoney: ['succeeded', 'requires_capture', 'pending'].includes(charge.status),
        captures: capturedAtOnce ? [BigInt(charge.amount)] : captures,
        voids: done('void'),
        refunds: done('refund'),
      };
    });
}

/** The buyer on the page that stands in for the card issuer's: what the PSP sends along on the way back. */
export async function challengeAt(url: string, passes: boolean): Promise<readonly ActionResultEntry[]> {
  const response = await reachable(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `result=${passes ? 'pass' : 'fail'}`,
    redirect: 'manual',
  });
  expect(response.status).toBe(303);
  const { searchParams } = new URL(response.headers.get('location') ?? '');
  return [...searchParams].map(([name, value]) => ({ name, value }));
}
