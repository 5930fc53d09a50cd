import { createLogger } from '@tender/nest';
import { outcomes, ScriptedGateway, VirtualClock } from '@tender/testing';
import { BREAKER_MIN_CALLS } from '@tender/psp/resilience';
import { Registry } from 'prom-client';
import { protections } from './protections';

const LIMITS = { maxConcurrent: 10, maxWaiting: 1, maxWaitMs: 100 };
const REQUEST = {
  requestVersion: 1,
  attemptId: 'attempt',
  paymentId: 'payment',
  idempotencyKey: 'key',
  amountMinor: 1099n,
  currency: 'USD',
  token: 'pm_card_visa',
  captureMethod: 'automatic',
  statementDescriptor: null,
  returnUrl: null,
  customerId: null,
} as const;

it('shows the circuits, the permits and the refusals of every PSP, and logs each change of a circuit', async () => {
  const registry = new Registry();
  const logger = createLogger('test', 'silent');
  const warned = jest.spyOn(logger, 'warn');
  const psp = new ScriptedGateway();
  const gateway = protections({ clock: new VirtualClock(), logger, registry })(LIMITS, psp);
  for (let n = 0; n <= BREAKER_MIN_CALLS; n += 1) {
    psp.next({ charges: false, told: outcomes.unknown });
    await gateway.authorize({ ...REQUEST, idempotencyKey: `key ${n}` });
  }
  const shown = await registry.metrics();
  for (const sample of [
    'tender_psp_circuit{psp="stripe",operation="authorize"} 2',
    'tender_psp_circuit{psp="stripe",operation="lookup"} 0',
    'tender_psp_permits_in_use{psp="stripe",lane="first_send"} 0',
    'tender_psp_waiting{psp="stripe",lane="search"} 0',
    'tender_psp_refusals_total{psp="stripe",operation="authorize",why="circuit_open"} 1',
  ]) {
    expect(shown).toContain(sample);
  }
  expect(warned.mock.calls).toEqual([
    [
      { psp: 'stripe', operation: 'authorize', from: 'closed', to: 'open' },
      'the circuit of stripe authorize is open',
    ],
  ]);
});
