import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';
import { MAX_PAGE_SIZE } from '../config/limits';
import { ListPageDto } from '../http/list-page.dto';
import { DocumentsProblems } from '../http/problem-documentation';
import type { ProblemCode } from '../http/problem';
import {
  DocumentsIdempotencyKey,
  DocumentsPrefer,
  PAYMENT_ID,
  returns,
} from '../payments/payment-documentation';
import { ResolveRefundDto } from '../payments/resolve.dto';
import { AbandonRefundDto, CreateRefundDto, RetryRefundDto } from './create-refund.dto';

export const REFUND_ID = { name: 'id', schema: { type: 'string' as const, pattern: '^re_[0-9a-f]{32}$' } };

const PROBLEMS_OF_COMMANDS: readonly ProblemCode[] = [
  'malformed_body',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'body_too_large',
  'unsupported_media_type',
  'validation_failed',
  'rate_limited',
  'unavailable',
];

export const DocumentsCreateRefund = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Give money back, in full or in part',
      description:
        'Reserved on the payment before the PSP is asked: refunds under way and done never exceed what was captured. Only the PSP that captured gives back.',
    }),
    ApiParam(PAYMENT_ID),
    ApiBody({ type: CreateRefundDto, required: false }),
    DocumentsIdempotencyKey('names the refund within the payment'),
    DocumentsPrefer(),
    returns(
      201,
      'Refund',
      'The refund as the PSP first answered: `pending` when it has taken it and tells its end later. The same bytes for every repetition; `Idempotent-Replayed: true` when another request created it.',
    ),
    returns(202, 'Refund', 'The wait ended first: the present state. Ask at `Location`.'),
    DocumentsProblems(
      ...PROBLEMS_OF_COMMANDS,
      'idempotency_key_missing',
      'idempotency_key_reused',
      'amount_exceeds_captured',
      'payment_disputed',
      'too_many_refunds',
    ),
  );

export const DocumentsRetryRefund = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Try a refund again that failed late',
      description: 'Its amount is still reserved. The PSP is asked anew, under another key.',
    }),
    ApiParam(REFUND_ID),
    ApiBody({ type: RetryRefundDto, required: false }),
    DocumentsIdempotencyKey('names the request within the refund'),
    DocumentsPrefer(),
    returns(200, 'Refund', 'The refund as the PSP answered to this try.'),
    returns(202, 'Refund', 'The wait ended first: the present state.'),
    DocumentsProblems(
      ...PROBLEMS_OF_COMMANDS,
      'idempotency_key_missing',
      'payment_disputed',
      'not_retryable',
      'too_many_tries',
    ),
  );

export const DocumentsAbandonRefund = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Give up a refund that failed late',
      description: 'Nothing is owed by it any more, and its amount may be refunded anew. Scope `ops`.',
    }),
    ApiParam(REFUND_ID),
    ApiBody({ type: AbandonRefundDto, required: false }),
    returns(200, 'Refund', 'The refund, given up.'),
    DocumentsProblems(...PROBLEMS_OF_COMMANDS, 'not_abandonable'),
  );

export const DocumentsResolveRefund = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Tell what an operator found out at the PSP about a refund',
      description:
        'For a refund that nothing else tells the end of. `not_done` is not heard for as long as its request may be sent again. What was `returned` is owed still: to be tried again, or given up; of a refund that has succeeded only that can be told. Scope `ops`.',
    }),
    ApiParam(REFUND_ID),
    ApiBody({ type: ResolveRefundDto }),
    DocumentsIdempotencyKey('names the request within the refund'),
    returns(200, 'Refund', 'The refund, as it was found to stand.'),
    DocumentsProblems(
      ...PROBLEMS_OF_COMMANDS,
      'idempotency_key_missing',
      'idempotency_key_reused',
      'operation_in_progress',
      'not_resolvable',
    ),
  );

export const DocumentsGetRefund = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Get a refund as it is now' }),
    ApiParam(REFUND_ID),
    returns(200, 'Refund', 'The refund.'),
    DocumentsProblems('unauthenticated', 'forbidden', 'not_found', 'rate_limited', 'unavailable'),
  );

export const DocumentsPaymentList = (summary: string, schema: string): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary, description: `Newest first, up to ${MAX_PAGE_SIZE} a page.` }),
    ApiParam(PAYMENT_ID),
    ApiQuery({ type: ListPageDto }),
    returns(200, schema, 'A page; `next_cursor` is null on the last one.'),
    DocumentsProblems(
      'unauthenticated',
      'forbidden',
      'not_found',
      'validation_failed',
      'rate_limited',
      'unavailable',
    ),
  );
