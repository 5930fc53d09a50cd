import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import {
  DEFAULT_WAIT_S,
  MAX_EVENTS_PAGE_SIZE,
  MAX_IDEMPOTENCY_KEY_CHARACTERS,
  MAX_PAGE_SIZE,
  MAX_WAIT_S,
} from '../config/limits';
import { DocumentsProblems } from '../http/problem-documentation';
import { CreatePaymentDto } from './create-payment.dto';
import { ListEventsDto } from './list-events.dto';
import { ListPaymentsDto } from './list-payments.dto';

/** Bodies that work as they are on the local stack; a spec sends each of them. */
export const CREATE_PAYMENT_EXAMPLES: Readonly<Record<string, { summary: string; value: object }>> = {
  minimal: {
    summary: 'The least that is needed',
    value: { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' },
  },
  complete: {
    summary: 'Everything that can be asked for',
    value: {
      amount: 4200,
      currency: 'EUR',
      payment_method: { stripe: 'pm_card_mastercard' },
      capture_method: 'automatic',
      customer_id: 'cus_77',
      description: 'Order A-17',
      statement_descriptor: 'TENDER SHOP',
      return_url: 'https://shop.example/return',
      metadata: { order: 'A-17' },
      routing: { order: ['stripe'] },
    },
  },
};

export const returns = (status: number, schema: string, description: string): MethodDecorator =>
  ApiResponse({
    status,
    description,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
  });

export const PAYMENT_ID = { name: 'id', schema: { type: 'string' as const, pattern: '^pay_[0-9a-f]{32}$' } };

/** @param scope what the key names */
export const DocumentsIdempotencyKey = (scope: string): MethodDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: `1 to ${MAX_IDEMPOTENCY_KEY_CHARACTERS} visible ASCII characters; ${scope}.`,
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_IDEMPOTENCY_KEY_CHARACTERS,
      example: 'order-A-17',
    },
  });

export const DocumentsPrefer = (): MethodDecorator =>
  ApiHeader({
    name: 'Prefer',
    required: false,
    description: `wait=<seconds> for an outcome (RFC 7240), default ${DEFAULT_WAIT_S}, at most ${MAX_WAIT_S}.`,
    schema: { type: 'string', example: `wait=${DEFAULT_WAIT_S}` },
  });

export const DocumentsCreate = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Charge a payment method',
      description:
        'Charges exactly once for each Idempotency-Key, however often it is sent. Keys never expire. Of a JSON key that stands twice the last value counts.',
    }),
    DocumentsIdempotencyKey('names the payment within the merchant'),
    DocumentsPrefer(),
    ApiBody({ type: CreatePaymentDto, examples: CREATE_PAYMENT_EXAMPLES }),
    returns(
      201,
      'Payment',
      'The outcome, the same bytes for every repetition; a decline is an outcome. `Idempotent-Replayed: true` when another request created the payment.',
    ),
    returns(
      202,
      'Payment',
      'The wait ended first: the present state. Ask at `Location`, or send the same again.',
    ),
    DocumentsProblems(
      'malformed_body',
      'unauthenticated',
      'forbidden',
      'conflict',
      'body_too_large',
      'unsupported_media_type',
      'validation_failed',
      'rate_limited',
      'unavailable',
    ),
  );

export const DocumentsList = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'List payments', description: `Newest first, up to ${MAX_PAGE_SIZE} a page.` }),
    ApiQuery({ type: ListPaymentsDto }),
    returns(200, 'PaymentList', 'A page; `next_cursor` is null on the last one.'),
    DocumentsProblems('unauthenticated', 'forbidden', 'validation_failed', 'rate_limited', 'unavailable'),
  );

export const DocumentsGet = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Get a payment as it is now',
      description: 'Never older than an answer already given.',
    }),
    ApiParam(PAYMENT_ID),
    returns(200, 'Payment', 'The payment.'),
    DocumentsProblems('unauthenticated', 'forbidden', 'not_found', 'rate_limited', 'unavailable'),
  );

export const DocumentsEvents = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'The audit trail of a payment',
      description: `Every event of the payment and of its refunds, in the order it was recorded, up to ${MAX_EVENTS_PAGE_SIZE} a page.`,
    }),
    ApiParam(PAYMENT_ID),
    ApiQuery({ type: ListEventsDto }),
    returns(200, 'EventList', 'The events; `next_cursor` is null on the last page.'),
    DocumentsProblems(
      'unauthenticated',
      'forbidden',
      'not_found',
      'validation_failed',
      'rate_limited',
      'unavailable',
    ),
  );
