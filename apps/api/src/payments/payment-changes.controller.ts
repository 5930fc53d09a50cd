import { applyDecorators, Controller, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, Requires } from '../access/access';
import { entriesOf } from '../buyer-return/action-result';
import { DtoReader } from '../http/dto-rules';
import { idempotencyKeyOf, preferredWaitMs } from '../http/headers';
import { bodyOf } from '../http/json-body';
import type { ProblemCode } from '../http/problem';
import { DocumentsProblems } from '../http/problem-documentation';
import type { Change } from './change-payment';
import { CancelPaymentDto, CapturePaymentDto, ContinuePaymentDto } from './change-payment.dto';
import { fingerprintOf } from './fingerprint';
import { httpAnswerOf } from './payment-answers';
import { DocumentsIdempotencyKey, DocumentsPrefer, PAYMENT_ID, returns } from './payment-documentation';
import { paymentIdFrom } from './payment-ids';
import { ChangePayment } from './payment-messages';
import { foundOf, ResolveDto } from './resolve.dto';

const DocumentsChange = (
  summary: string,
  dto: new () => object,
  ...refusals: ProblemCode[]
): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiParam(PAYMENT_ID),
    ApiBody({ type: dto, required: dto === ContinuePaymentDto || dto === ResolveDto }),
    DocumentsPrefer(),
    returns(200, 'Payment', 'The payment as it was when this ended, the same bytes for every repetition.'),
    returns(
      202,
      'Payment',
      'The wait ended first: the present state. Ask at `Location`, or send the same again.',
    ),
    DocumentsProblems(
      'malformed_body',
      'unauthenticated',
      'forbidden',
      'not_found',
      'conflict',
      'body_too_large',
      'unsupported_media_type',
      'validation_failed',
      ...refusals,
      'rate_limited',
      'unavailable',
    ),
  );

/** As the payment's events and the log lines about open flows have it. */
const OPERATION_ID = {
  name: 'operation',
  schema: { type: 'string' as const, pattern: '^att_[0-9a-f]{34}-(capture|cancel|reversal)-[0-9]+$' },
};

const KEY_SCOPE = 'names the request within the payment and its kind';

/** What a merchant does to a payment that is there, or an operator tells of it. */
@ApiTags('Payments')
@ApiBearerAuth()
@Controller('v1/payments')
export class PaymentChangesController {
  private readonly captureBody = new DtoReader(CapturePaymentDto);
  private readonly cancelBody = new DtoReader(CancelPaymentDto);
  private readonly resolveBody = new DtoReader(ResolveDto);
  private readonly continueBody = new DtoReader(ContinuePaymentDto);

  constructor(private readonly commands: CommandBus) {}

  @Post(':id/capture')
  @Requires('payments:write')
  @DocumentsIdempotencyKey(KEY_SCOPE)
  @DocumentsChange(
    'Capture an authorised payment, in full or in part',
    CapturePaymentDto,
    'idempotency_key_missing',
    'idempotency_key_reused',
    'operation_in_progress',
    'not_capturable',
    'amount_exceeds_authorized',
  )
  async capture(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const idempotencyKey = idempotencyKeyOf(request.headers['idempotency-key']);
    const { amount } = this.captureBody.read(bodyOf(request));
    const key = { idempotencyKey, fingerprint: fingerprintOf(bodyOf(request)) };
    const amountMinor = amount === undefined || amount === null ? null : BigInt(amount);
    await this.change(request, reply, id, { kind: 'capture', key, amountMinor });
  }

  @Post(':id/cancel')
  @Requires('payments:write')
  @DocumentsIdempotencyKey(KEY_SCOPE)
  @DocumentsChange(
    'Give up a payment that has not been captured',
    CancelPaymentDto,
    'idempotency_key_missing',
    'idempotency_key_reused',
    'operation_in_progress',
    'not_cancelable',
  )
  async cancel(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const idempotencyKey = idempotencyKeyOf(request.headers['idempotency-key']);
    const { reason } = this.cancelBody.read(bodyOf(request));
    const key = { idempotencyKey, fingerprint: fingerprintOf(bodyOf(request)) };
    await this.change(request, reply, id, { kind: 'cancel', key, reason: reason ?? null });
  }

  @Post(':id/operations/:operation/resolve')
  @Requires('ops')
  @ApiParam(OPERATION_ID)
  @DocumentsIdempotencyKey(KEY_SCOPE)
  @DocumentsChange(
    'Tell what an operator found out at the PSP about a capture, a cancel or a reversal',
    ResolveDto,
    'idempotency_key_missing',
    'idempotency_key_reused',
    'operation_in_progress',
    'not_resolvable',
  )
  async resolve(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Param('operation') operationId: string,
  ): Promise<void> {
    const idempotencyKey = idempotencyKeyOf(request.headers['idempotency-key']);
    const told = this.resolveBody.read(bodyOf(request));
    const { by, evidence } = told;
    await this.change(request, reply, id, {
      kind: 'resolve',
      key: { idempotencyKey, fingerprint: fingerprintOf([operationId, bodyOf(request)]) },
      operationId,
      found: foundOf(told, Date.now()),
      freeText: { by, evidence },
    });
  }

  @Post(':id/continue')
  @Requires('payments:write')
  @DocumentsChange('Go on after 3-D Secure', ContinuePaymentDto, 'no_action_expected')
  async continue(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const { result } = this.continueBody.read(bodyOf(request));
    await this.change(request, reply, id, { kind: 'continue', result: entriesOf(result) });
  }

  private async change(
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    change: Change,
  ): Promise<void> {
    const { merchant, keyId } = callerOf(request);
    const answer = await this.commands.execute(
      new ChangePayment({
        merchant,
        keyId,
        paymentId: paymentIdFrom(id),
        requestId: request.id,
        change,
        waitMs: preferredWaitMs(request.headers.prefer),
      }),
    );
    const { status, headers, body } = httpAnswerOf(answer, 200);
    await reply.code(status).headers(headers).send(body);
  }
}
