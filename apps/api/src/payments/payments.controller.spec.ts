import { apiOnMemory, type ApiOnMemory } from '../../spec/api-on-memory';

const BODY = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };

describe('POST /v1/payments', () => {
  let on: ApiOnMemory;
  beforeAll(async () => {
    on = await apiOnMemory();
  });
  afterAll(() => on.close());

  it('answers 201 with the charged payment', async () => {
    const answer = await on.post(BODY);
    expect(answer.json()).toMatchObject({ object: 'payment', status: 'succeeded', amount_captured: 1099 });
    expect(answer.statusCode).toBe(201);
  });
});
