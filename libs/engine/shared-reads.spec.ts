import { SharedReads } from './shared-reads';

/** Reads that end when the test says so, each with the number of its beginning. */
function setUp() {
  const begun: { readonly answer: () => void; readonly fail: () => void }[] = [];
  const reads = new SharedReads(() => {
    const number = begun.length + 1;
    return new Promise<number>((resolve, reject) => {
      begun.push({
        answer: () => {
          resolve(number);
        },
        fail: () => {
          reject(new Error(`read ${number} failed`));
        },
      });
    });
  });
  return { begun, reads };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a read that many ask for', () => {
  it('is made once for all who ask while another one is under way, and after they asked', async () => {
    const { begun, reads } = setUp();
    const first = reads.get('a');
    const others = [1, 2, 3].map(() => reads.get('a'));
    await settled();
    expect(begun).toHaveLength(1);
    begun[0]!.answer();
    await settled();
    expect(begun).toHaveLength(2);
    const later = reads.get('a');
    begun[1]!.answer();
    await settled();
    begun[2]!.answer();
    expect(await Promise.all([first, ...others, later])).toEqual([1, 2, 2, 2, 3]);
  });

  it('holds up nobody who asks for something else', async () => {
    const { begun, reads } = setUp();
    void reads.get('a');
    const other = reads.get('b');
    begun[1]!.answer();
    expect(await other).toBe(2);
  });

  it('fails those who share it, and nobody after them', async () => {
    const { begun, reads } = setUp();
    const outcomes = Promise.allSettled([reads.get('a'), reads.get('a'), reads.get('a')]);
    begun[0]!.fail();
    await settled();
    begun[1]!.answer();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  it('leaves nothing behind', async () => {
    const { begun, reads } = setUp();
    const asked = [reads.get('a'), reads.get('a')];
    begun[0]!.answer();
    await settled();
    begun[1]!.answer();
    await Promise.all(asked);
    expect(reads.size).toBe(0);
    const again = reads.get('a');
    begun[2]!.answer();
    expect(await again).toBe(3);
  });
});
