import type { SchemaObject } from '@nestjs/swagger';
import { PSP_NAMES } from '@tender/domain';
import type { AttemptStatus } from '@tender/domain';
import { CAPTURE_METHODS } from './create-payment.dto';
import { PAYMENT_STATUSES } from './list-payments.dto';

const ATTEMPT_STATUS_SET: Readonly<Record<AttemptStatus, true>> = {
  started: true,
  requires_action: true,
  authorized: true,
  succeeded: true,
  declined: true,
  not_sent: true,
  outcome_unknown: true,
  voided: true,
};

export const string = (more: Partial<SchemaObject> = {}): SchemaObject => ({ type: 'string', ...more });
export const stringOrNull = (more: Partial<SchemaObject> = {}): SchemaObject =>
  string({ nullable: true, ...more });
export const time = (): SchemaObject => string({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' });
export const minorUnits = (description: string): SchemaObject => ({
  type: 'integer',
  minimum: 0,
  description,
});

/** An object whose fields are all there, always: absent and null are not two ways to say one thing. */
export const complete = (
  properties: Record<string, SchemaObject>,
  more: Partial<SchemaObject> = {},
): SchemaObject => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
  ...more,
});

const FAILURE = {
  code: string({ example: 'insufficient_funds' }),
  category: string({ enum: ['hard_decline', 'soft_decline', 'customer_action', 'not_charged'] }),
  message: string(),
};

export const ATTEMPT_SCHEMA = complete({
  id: string({ example: 'att_6f0b54a25c0e5d0b9a552d7a1a1f3c02' }),
  number: { type: 'integer', minimum: 1 },
  psp: string({ enum: [...PSP_NAMES] }),
  status: string({ enum: Object.keys(ATTEMPT_STATUS_SET) }),
  psp_reference: stringOrNull({ example: 'pi_3Pabc' }),
  decline: complete(FAILURE, { nullable: true }),
  started_at: time(),
  finished_at: { ...time(), nullable: true },
});

export const PAYMENT_SCHEMA = complete({
  object: string({ enum: ['payment'] }),
  id: string({ example: 'pay_6f0b54a25c0e5d0b9a552d7a1a1f3c01' }),
  status: string({
    enum: [...PAYMENT_STATUSES],
    description:
      '`outcome_unknown`: a PSP was asked and we do not know; only evidence from the PSP ends this.',
  }),
  amount: minorUnits('ISO 4217 minor units'),
  currency: string({ example: 'USD' }),
  amount_capturable: minorUnits('Authorised and not yet captured'),
  amount_captured: minorUnits('Taken'),
  amount_refunded: minorUnits('Given back'),
  amount_refund_pending: minorUnits('On its way back'),
  capture_method: string({ enum: [...CAPTURE_METHODS] }),
  payment_method: { oneOf: [string(), { type: 'object', additionalProperties: string() }] },
  customer_id: stringOrNull(),
  description: stringOrNull(),
  next_action: complete(
    { type: string({ enum: ['redirect'] }), url: string({ format: 'uri' }) },
    { nullable: true },
  ),
  failure: complete(FAILURE, { nullable: true }),
  attempts: { type: 'array', items: { $ref: '#/components/schemas/Attempt' } },
  metadata: { type: 'object', additionalProperties: string() },
  created_at: time(),
  updated_at: time(),
  revision: { type: 'integer', minimum: 0, description: 'Of the last event in this state; it only grows.' },
});

export const EVENT_SCHEMA = complete({
  object: string({ enum: ['event'] }),
  id: string({ format: 'uuid' }),
  type: string({ example: 'PaymentInitiated' }),
  schema_version: { type: 'integer', minimum: 1 },
  stream: string({ example: 'payment-6f0b54a2-5c0e-5d0b-9a55-2d7a1a1f3c01' }),
  revision: { type: 'integer', minimum: 0 },
  position: string({ description: 'Opaque place in the log.' }),
  recorded_at: time(),
  correlation_id: string(),
  causation_id: string(),
  actor: string({ example: 'api-key:key_demo' }),
  data: {
    type: 'object',
    description: 'As recorded: field names are the storage format, `…Minor` are integers of minor units.',
  },
});

/** @param item the name of a schema */
export const listSchema = (item: string): SchemaObject =>
  complete({
    object: string({ enum: ['list'] }),
    data: { type: 'array', items: { $ref: `#/components/schemas/${item}` } },
    next_cursor: stringOrNull(),
  });

export const PAYMENT_SCHEMAS: Readonly<Record<string, SchemaObject>> = {
  Payment: PAYMENT_SCHEMA,
  Attempt: ATTEMPT_SCHEMA,
  Event: EVENT_SCHEMA,
  PaymentList: listSchema('Payment'),
  EventList: listSchema('Event'),
};
