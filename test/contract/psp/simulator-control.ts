import type { TruthRow } from '../../../apps/psp-simulator/src/truth';
import type { HeldCharge } from './gateway-contract';

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

export const chargesIn = (truth: unknown): readonly HeldCharge[] =>
  (truth as TruthRow[])
    .filter(({ kind }) => kind === 'charge')
    .map((row) => ({
      attemptId: row.our_reference ?? '',
      amountMinor: BigInt(row.amount),
      currency: row.currency.toUpperCase(),
      holdsMoney: row.status === 'succeeded' || row.status === 'requires_capture' || row.status === 'pending',
    }));
