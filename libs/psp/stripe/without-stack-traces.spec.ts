import { withoutStackTraces } from './without-stack-traces';

it('traces are off inside and back afterwards, whatever happened', () => {
  const before = Error.stackTraceLimit;
  expect(withoutStackTraces(() => Error.stackTraceLimit)).toBe(0);
  expect(Error.stackTraceLimit).toBe(before);
  expect(() =>
    withoutStackTraces(() => {
      throw new RangeError('inside');
    }),
  ).toThrow('inside');
  expect(Error.stackTraceLimit).toBe(before);
});
