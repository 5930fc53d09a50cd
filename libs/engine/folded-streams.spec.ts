import { FoldedStreams, MAX_FOLDED_STREAMS } from './folded-streams';

it('keeps as many folds as its limit says, and lets go of the one that nobody asked for longest', () => {
  const streams = new FoldedStreams<number>();
  for (let at = 0; at < MAX_FOLDED_STREAMS; at += 1)
    streams.put(`payment-${at}`, { state: at, revision: 0n });
  expect(streams.get('payment-0')?.state).toBe(0);
  streams.put('payment-one-more', { state: -1, revision: 0n });
  expect(['payment-0', 'payment-1', 'payment-2'].map((stream) => streams.get(stream)?.state)).toEqual([
    0,
    undefined,
    2,
  ]);
});
