import { BoundedLabels, MAX_NOTICE_REASONS } from './metrics';

it('a label has its own series up to the limit, and shares one beyond', () => {
  const labels = new BoundedLabels(MAX_NOTICE_REASONS);
  const own = Array.from({ length: MAX_NOTICE_REASONS }, (_, index) => `reason ${index}`);
  expect(own.map((text) => labels.labelOf(text))).toStrictEqual(own);
  expect(labels.labelOf('one too many')).toBe('other');
  expect(labels.labelOf('reason 0')).toBe('reason 0');
});
