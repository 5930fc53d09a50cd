import { definedFilter } from './filters';

describe('a filter', () => {
  it('passes as the same object when every value is there', () => {
    const filter = { merchant: 'm', customerId: null, createdAt: { $gt: new Date(0) }, ver: 0n };
    expect(definedFilter(filter)).toBe(filter);
  });

  it.each([
    ['_id', { _id: undefined }],
    ['createdAt.$lt', { createdAt: { $gt: new Date(0), $lt: undefined } }],
    ['_id.$in.1', { _id: { $in: ['a', undefined] } }],
    ['$or.0.status', { $or: [{ status: undefined }, {}] }],
  ])('is refused with undefined at %s', (path, filter) => {
    expect(() => definedFilter(filter)).toThrow(`undefined in a filter at "${path}"`);
  });
});
