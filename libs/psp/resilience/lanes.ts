/**
 * The two kinds of calls that share a PSP's room. `first_send`: new work, a buyer waits. `search`: a question after an
 * outcome that is not known, so a look-up or the same request with the same key again.
 */
export type Lane = 'first_send' | 'search';

export const LANES: readonly Lane[] = ['first_send', 'search'];

/** What each lane is sure of, whatever the other one does; the rest goes to whoever comes first. */
export const KEPT_SHARE: Readonly<Record<Lane, number>> = { first_send: 0.5, search: 0.1 };

export const otherLane = (lane: Lane): Lane => (lane === 'search' ? 'first_send' : 'search');

/** Places of a room of `size` that are kept for a lane. In a room of one, nobody can be sure of anything. */
export const keptFor = (lane: Lane, size: number): number =>
  size < 2 ? 0 : Math.max(1, Math.floor(size * KEPT_SHARE[lane]));

/** Whether one more of this lane fits in without taking a place that is kept for the other one. */
export function fits(lane: Lane, size: number, used: Readonly<Record<Lane, number>>): boolean {
  const other = otherLane(lane);
  const keptFree = Math.max(0, keptFor(other, size) - used[other]);
  return used.first_send + used.search + keptFree < size;
}
