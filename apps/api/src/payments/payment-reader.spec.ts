import type { PaymentJson } from '@tender/domain';
import { uuidOf } from '@tender/domain';
import type { PaymentAt } from '@tender/engine';
import { loadPayment, paymentStream } from '@tender/engine';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory } from '../../spec/api-on-memory';
import { PaymentReader } from './payment-reader';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };

describe('the present state of a payment', () => {
  let on: ApiOnMemory;
  beforeEach(async () => {
    on = await apiOnMemory();
  });
  afterEach(() => on.close());

  const created = async (token = 'pm_card_visa'): Promise<{ body: string; id: string; at: PaymentAt }> => {
    const answer = await on.post({ ...VISA, payment_method: token }, { prefer: 'wait=1' });
    const id = uuidOf('pay', answer.json<PaymentJson>().id) ?? '';
    const at = await loadPayment(on.log, paymentStream(id));
    if (at === undefined) throw new Error('the payment was not recorded');
    return { body: answer.body, id, at };
  };
  const url = ({ id }: { id: string }): string => `/v1/payments/pay_${id.replaceAll('-', '')}`;

  it.each<[string, (at: PaymentAt) => PaymentAt | undefined]>([
    ['missing', () => undefined],
    ['not final', (at) => ({ payment: { ...at.payment, status: 'processing' }, revision: 1n })],
    ['final but behind an answer', (at) => ({ ...at, revision: at.revision - 1n })],
  ])('lesson 10: comes from the stream while the document is %s', async (_, stale) => {
    const payment = await created();
    on.payments.stale.set(payment.id, stale(payment.at));
    expect((await on.get(url(payment))).body).toBe(payment.body);
  });

  it('comes from the stream while the buyer or the merchant is next', async () => {
    const payment = await created('pm_card_3ds');
    on.payments.stale.set(payment.id, {
      ...payment.at,
      payment: { ...payment.at.payment, updatedAt: 'stale' },
    });
    expect((await on.get(url(payment))).body).toBe(payment.body);
  });

  it('comes from the document when that is final and up to date', async () => {
    const payment = await created();
    on.payments.stale.set(payment.id, { ...payment.at, revision: payment.at.revision + 7n });
    expect((await on.get(url(payment))).json<PaymentJson>().revision).toBe(Number(payment.at.revision + 7n));
  });

  it('comes from the stream when the read store is down, and that is logged', async () => {
    const payment = await created();
    on.payments.down = true;
    expect((await on.get(url(payment))).body).toBe(payment.body);
    expect(on.logged.join('')).toContain('the read store does not answer');
  });

  it('forgets the oldest answers first, and then trusts the document', async () => {
    const payment = await created();
    const older = { ...payment.at, revision: payment.at.revision - 1n };
    const reader = new PaymentReader(
      { documents: { get: () => Promise.resolve(older) }, log: on.log, report: () => undefined },
      1,
    );
    reader.remember(payment.at);
    expect((await reader.get(payment.id))?.revision).toBe(payment.at.revision);
    reader.remember({ payment: { ...payment.at.payment, id: 'another' }, revision: 0n });
    expect((await reader.get(payment.id))?.revision).toBe(older.revision);
  });
});
