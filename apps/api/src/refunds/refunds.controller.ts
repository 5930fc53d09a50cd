import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { RefundJson } from '@tender/domain';
import { representRefund } from '@tender/domain';
import { InvalidCursor } from '@tender/readmodels';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, Requires } from '../access/access';
import { DtoReader, validationFailed } from '../http/dto-rules';
import { idempotencyKeyOf, preferredWaitMs } from '../http/headers';
import { bodyOf } from '../http/json-body';
import type { ListJson } from '../http/list';
import { listOf } from '../http/list';
import { ListPageDto, pageQueryOf } from '../http/list-page.dto';
import { Problem } from '../http/problem';
import { fingerprintOf } from '../payments/fingerprint';
import { paymentIdFrom } from '../payments/payment-ids';
import { foundOf, ResolveRefundDto } from '../payments/resolve.dto';
import type { RefundChange } from './change-refund';
import { AbandonRefundDto, CreateRefundDto, RetryRefundDto } from './create-refund.dto';
import type { RefundAnswer } from './create-refund';
import { refundHttpAnswerOf } from './refund-answers';
import {
  DocumentsAbandonRefund,
  DocumentsCreateRefund,
  DocumentsGetRefund,
  DocumentsPaymentList,
  DocumentsResolveRefund,
  DocumentsRetryRefund,
} from './refund-documentation';
import { refundIdFrom } from './refund-ids';
import { ChangeRefund, CreateRefund, GetRefund, ListPaymentRefunds } from './refund-messages';

/** Money that is given back. */
@ApiTags('Refunds')
@ApiBearerAuth()
@Controller('v1')
export class RefundsController {
  private readonly createBody = new DtoReader(CreateRefundDto);
  private readonly retryBody = new DtoReader(RetryRefundDto);
  private readonly abandonBody = new DtoReader(AbandonRefundDto);
  private readonly resolveBody = new DtoReader(ResolveRefundDto);
  private readonly listQuery = new DtoReader(ListPageDto);

  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('payments/:id/refunds')
  @Requires('refunds:write')
  @DocumentsCreateRefund()
  async create(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const { merchant, keyId } = callerOf(request);
    const idempotencyKey = idempotencyKeyOf(request.headers['idempotency-key']);
    const { amount, reason, metadata } = this.createBody.read(bodyOf(request));
    const answer = await this.commands.execute(
      new CreateRefund({
        merchant,
        keyId,
        paymentId: paymentIdFrom(id),
        idempotencyKey,
        fingerprint: fingerprintOf(bodyOf(request)),
        requestId: request.id,
        amountMinor: amount === undefined || amount === null ? null : BigInt(amount),
        reason: reason ?? null,
        metadata: Object.entries(metadata ?? {}).map(([key, value]) => ({ key, value })),
        waitMs: preferredWaitMs(request.headers.prefer),
      }),
    );
    await send(reply, answer, 201);
  }

  @Get('payments/:id/refunds')
  @Requires('payments:read')
  @DocumentsPaymentList('List the refunds of a payment', 'RefundList')
  async list(@Req() request: FastifyRequest, @Param('id') id: string): Promise<ListJson<RefundJson>> {
    const page = pageQueryOf(this.listQuery.read(request.query));
    const { merchant } = callerOf(request);
    try {
      const found = await this.queries.execute(new ListPaymentRefunds(merchant, paymentIdFrom(id), page));
      if (found === undefined) throw new Problem('not_found');
      return listOf(
        found.items.map(({ refund, revision }) => representRefund(refund, revision)),
        found.next,
      );
    } catch (error) {
      if (!(error instanceof InvalidCursor)) throw error;
      throw validationFailed([{ field: 'cursor', message: 'is not a cursor of this list' }]);
    }
  }

  @Get('refunds/:id')
  @Requires('payments:read')
  @DocumentsGetRefund()
  async get(@Req() request: FastifyRequest, @Param('id') id: string): Promise<RefundJson> {
    const at = await this.queries.execute(new GetRefund(callerOf(request).merchant, refundIdFrom(id)));
    if (at === undefined) throw new Problem('not_found');
    return representRefund(at.refund, at.revision);
  }

  @Post('refunds/:id/retry')
  @Requires('refunds:write')
  @DocumentsRetryRefund()
  async retry(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const idempotencyKey = idempotencyKeyOf(request.headers['idempotency-key']);
    this.retryBody.read(bodyOf(request));
    await this.change(request, reply, id, { kind: 'retry', idempotencyKey });
  }

  @Post('refunds/:id/abandon')
  @Requires('ops')
  @DocumentsAbandonRefund()
  async abandon(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const { reason } = this.abandonBody.read(bodyOf(request));
    await this.change(request, reply, id, { kind: 'abandon', reason: reason ?? null });
  }

  @Post('refunds/:id/resolve')
  @Requires('ops')
  @DocumentsResolveRefund()
  async resolve(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const idempotencyKey = idempotencyKeyOf(request.headers['idempotency-key']);
    const told = this.resolveBody.read(bodyOf(request));
    const { by, evidence } = told;
    await this.change(request, reply, id, {
      kind: 'resolve',
      number: told.try,
      key: { idempotencyKey, fingerprint: fingerprintOf(bodyOf(request)) },
      found: foundOf(told, Date.now()),
      freeText: { by, evidence },
    });
  }

  private async change(
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    change: RefundChange,
  ): Promise<void> {
    const { merchant, keyId } = callerOf(request);
    const answer = await this.commands.execute(
      new ChangeRefund({
        merchant,
        keyId,
        refundId: refundIdFrom(id),
        requestId: request.id,
        change,
        waitMs: preferredWaitMs(request.headers.prefer),
      }),
    );
    await send(reply, answer, 200);
  }
}

async function send(reply: FastifyReply, answer: RefundAnswer, settledStatus: 200 | 201): Promise<void> {
  const { status, headers, body } = refundHttpAnswerOf(answer, settledStatus);
  await reply.code(status).headers(headers).send(body);
}
