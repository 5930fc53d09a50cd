import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { PROBLEM_SCHEMA } from '../http/problem-documentation';
import { DOCS_PATH } from '../http/security-headers';
import { DISPUTE_SCHEMAS } from '../disputes/dispute-schemas';
import { PAYMENT_SCHEMAS } from '../payments/payment-schemas';
import { REFUND_SCHEMAS } from '../refunds/refund-schemas';

export const OPENAPI_PATH = '/openapi.json';

/** The contract as the code has it: routes and bodies from the controllers' decorators, answers from their schemas. */
export function openApiOf(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tender')
    .setVersion('1')
    .setDescription(
      'Charges users through several payment service providers, exactly once. Amounts are ISO 4217 minor units, times RFC 3339 in UTC. Every answer carries Request-Id.',
    )
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key, sk_…' })
    .build();
  const document = SwaggerModule.createDocument(app, config);
  const components = document.components ?? {};
  return withNullTypes({
    ...document,
    components: {
      ...components,
      schemas: {
        ...components.schemas,
        ...PAYMENT_SCHEMAS,
        ...REFUND_SCHEMAS,
        ...DISPUTE_SCHEMAS,
        Problem: PROBLEM_SCHEMA,
      },
    },
  }) as OpenAPIObject;
}

/** OpenAPI 3.1 took JSON Schema's `null` type in place of 3.0's `nullable`, which the decorators still write. */
function withNullTypes(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withNullTypes);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = node as Readonly<Record<string, unknown>>;
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withNullTypes(value)]));
  if (nullable !== true) return nullable === undefined || nullable === false ? copy : { ...copy, nullable };
  if (typeof copy.type === 'string') {
    const values = Array.isArray(copy.enum) ? { enum: [...(copy.enum as unknown[]), null] } : {};
    return { ...copy, ...values, type: [copy.type, 'null'] };
  }
  return Array.isArray(copy.oneOf)
    ? { ...copy, oneOf: [...(copy.oneOf as unknown[]), { type: 'null' }] }
    : copy;
}

/** `/openapi.json` for machines and `/docs` for people, both from the same document and without any other server. */
export function serveDocumentation(app: NestFastifyApplication): void {
  SwaggerModule.setup(DOCS_PATH, app, () => openApiOf(app), {
    jsonDocumentUrl: OPENAPI_PATH,
    raw: ['json'],
    customSiteTitle: 'Tender API',
  });
}
