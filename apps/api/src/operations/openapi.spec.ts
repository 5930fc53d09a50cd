import type { PaymentJson } from '@tender/domain';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory } from '../../spec/api-on-memory';
import { CREATE_PAYMENT_EXAMPLES } from '../payments/payment-documentation';

type Schema = Readonly<Record<string, unknown>> & {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
};

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { responses: object; summary?: string }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

let on: ApiOnMemory;
let document: Document;
beforeAll(async () => {
  on = await apiOnMemory();
  document = (await on.get('/openapi.json')).json<Document>();
});
afterAll(() => on.close());

const fieldsOf = (name: string): readonly string[] =>
  Object.keys(document.components.schemas[name]?.properties ?? {});

describe('the OpenAPI document', () => {
  it('is of version 3.1 and has none of 3.0’s nullable', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(JSON.stringify(document)).not.toContain('nullable');
  });

  it('describes every route', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toStrictEqual([
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'GET /v1/disputes',
      'GET /v1/ledger/accounts',
      'GET /v1/ledger/accounts/{number}/entries',
      'GET /v1/ledger/export',
      'GET /v1/ledger/journals',
      'GET /v1/ledger/trial_balance',
      'GET /v1/payments',
      'GET /v1/payments/{id}',
      'GET /v1/payments/{id}/disputes',
      'GET /v1/payments/{id}/events',
      'GET /v1/payments/{id}/refunds',
      'GET /v1/refunds/{id}',
      'GET /v1/return/{token}',
      'POST /v1/payments',
      'POST /v1/payments/{id}/cancel',
      'POST /v1/payments/{id}/capture',
      'POST /v1/payments/{id}/continue',
      'POST /v1/payments/{id}/operations/{operation}/resolve',
      'POST /v1/payments/{id}/refunds',
      'POST /v1/refunds/{id}/abandon',
      'POST /v1/refunds/{id}/resolve',
      'POST /v1/refunds/{id}/retry',
      'POST /v1/return/{token}',
      'POST /webhooks/adyen',
      'POST /webhooks/stripe',
    ]);
  });

  it('resolves every reference', () => {
    const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(Object.keys(document.components.schemas)).toContain(name);
  });

  it.each(Object.entries(CREATE_PAYMENT_EXAMPLES))('has an example that works: %s', async (_, { value }) => {
    const answer = await on.post(value);
    expect([answer.statusCode, answer.json<PaymentJson>().status]).toStrictEqual([201, 'succeeded']);
  });

  it('names the fields of answers as they are', async () => {
    const payment = (await on.post(CREATE_PAYMENT_EXAMPLES.minimal?.value)).json<
      PaymentJson & { attempts: [object] }
    >();
    expect(Object.keys(payment)).toStrictEqual(fieldsOf('Payment'));
    expect(Object.keys(payment.attempts[0])).toStrictEqual(fieldsOf('Attempt'));
    const refund = (await on.change(`${payment.id}/refunds`)).json<object>();
    expect(Object.keys(refund)).toStrictEqual(fieldsOf('Refund'));
    const events = (await on.get(`/v1/payments/${payment.id}/events`)).json<{ data: [object] }>();
    expect(Object.keys(events)).toStrictEqual(fieldsOf('EventList'));
    expect(Object.keys(events.data[0])).toStrictEqual(fieldsOf('Event'));
    const problem = (await on.post('[]')).json<object>();
    expect(Object.keys(problem)).toStrictEqual(fieldsOf('Problem'));
  });

  it('names the fields of the body as they are checked', async () => {
    for (const field of fieldsOf('CreatePayment')) {
      const answer = await on.post({ [field]: 1 });
      const errors = answer.json<{ errors: { field: string; message: string }[] }>().errors;
      expect(errors).not.toContainEqual({ field, message: 'is not a known field' });
    }
  });
});

describe('/docs', () => {
  it('is a page that needs no other server', async () => {
    const page = await on.get('/docs');
    expect([page.statusCode, page.headers['content-type']]).toStrictEqual([200, 'text/html']);
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) {
      const answer = await on.get(new URL(source, 'http://a/').pathname);
      expect(`${source} ${answer.statusCode}`).toBe(`${source} 200`);
    }
  });
});
