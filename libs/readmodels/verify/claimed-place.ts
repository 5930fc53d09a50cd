import type { Divergence } from '@tender/domain';
import { MalformedDocument } from '../failures';

/**
 * Up to where a model says that it has come. One that says what nobody can read is not held against anything, since lag
 * could not be told from a difference; that it says so is a difference, and keeps nobody from looking at the others.
 */
export async function claimedPlace<Claimed>(
  where: string,
  read: () => Promise<Claimed>,
): Promise<Claimed | Divergence> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof MalformedDocument)) throw error;
    const { place: id, why: found } = error;
    return { where, kind: 'different', id, at: null, expected: 'a place in the log', found };
  }
}
