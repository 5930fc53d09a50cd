import type { PspGateway } from '@tender/domain';
import { PSP_OPERATIONS } from '@tender/psp/resilience';
import { BoundedLabels, createWorkerMetrics, MAX_NOTICE_REASONS } from './metrics';

it('a label has its own series up to the limit, and shares one beyond', () => {
  const labels = new BoundedLabels(MAX_NOTICE_REASONS);
  const own = Array.from({ length: MAX_NOTICE_REASONS }, (_, index) => `reason ${index}`);
  expect(own.map((text) => labels.labelOf(text))).toStrictEqual(own);
  expect(labels.labelOf('one too many')).toBe('other');
  expect(labels.labelOf('reason 0')).toBe('reason 0');
});

it('times every call of the port, so that no operation is slow or failing unseen', async () => {
  const metrics = createWorkerMetrics();
  const answer = () => Promise.resolve({ kind: 'unavailable', detail: '' });
  const calls = Object.fromEntries(PSP_OPERATIONS.map((operation) => [operation, answer]));
  const gateway = metrics.measured({ psp: 'stripe', ...calls } as unknown as PspGateway);
  for (const operation of PSP_OPERATIONS) await gateway[operation]({} as never);
  const text = await metrics.registry.metrics();
  for (const operation of PSP_OPERATIONS) {
    expect(text).toContain(
      `tender_psp_call_seconds_count{psp="stripe",operation="${operation}",outcome="unavailable"} 1`,
    );
  }
});
