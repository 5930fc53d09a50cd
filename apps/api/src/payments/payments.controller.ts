import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { representPayment } from '@tender/domain';
import type { PaymentJson } from '@tender/domain';
import { representEvent } from '@tender/engine';
import { InvalidCursor } from '@tender/readmodels';
import type { PaymentQuery } from '@tender/readmodels';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, Requires } from '../access/access';
import { DEFAULT_PAGE_SIZE, MAX_EVENTS_PAGE_SIZE } from '../config/limits';
import { DtoReader, validationFailed } from '../http/dto-rules';
import { idempotencyKeyOf, preferredWaitMs } from '../http/headers';
import type { ListJson } from '../http/list';
import { listOf } from '../http/list';
import { ApiMetrics } from '../http/metrics';
import { Problem } from '../http/problem';
import { CreatePaymentDto } from './create-payment.dto';
import { ListEventsDto } from './list-events.dto';
import { placeFrom } from './event-pages';
import { fingerprintOf } from './fingerprint';
import { ListPaymentsDto } from './list-payments.dto';
import { httpAnswerOf, REPLAYED_HEADER } from './payment-answers';
import { DocumentsCreate, DocumentsEvents, DocumentsGet, DocumentsList } from './payment-documentation';
import { paymentIdFrom } from './payment-ids';
import { CreatePayment, GetPayment, ListPaymentEvents, ListPayments } from './payment-messages';

@ApiTags('Payments')
@ApiBearerAuth()
@Controller('v1/payments')
export class PaymentsController {
  private readonly createBody = new DtoReader(CreatePaymentDto);
  private readonly listQuery = new DtoReader(ListPaymentsDto);
  private readonly eventsQuery = new DtoReader(ListEventsDto);

  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly metrics: ApiMetrics,
  ) {}

  @Post()
  @Requires('payments:write')
  @DocumentsCreate()
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { merchant, keyId } = callerOf(request);
    const idempotencyKey = idempotencyKeyOf(request.headers['idempotency-key']);
    if (request.body === undefined || request.body === null) {
      throw new Problem('malformed_body', { detail: 'A JSON body is required.' });
    }
    const body = this.createBody.read(request.body);
    const answer = await this.commands.execute(
      new CreatePayment({
        merchant,
        keyId,
        idempotencyKey,
        requestId: request.id,
        fingerprint: fingerprintOf(request.body),
        body,
        waitMs: preferredWaitMs(request.headers.prefer),
      }),
    );
    const { status, headers, body: payment } = httpAnswerOf(answer, 201);
    this.metrics.paymentAnswered(payment.status, REPLAYED_HEADER in headers);
    await reply.code(status).headers(headers).send(payment);
  }

  @Get()
  @Requires('payments:read')
  @DocumentsList()
  async list(@Req() request: FastifyRequest): Promise<ListJson<PaymentJson>> {
    const query = queryOf(this.listQuery.read(request.query), callerOf(request).merchant);
    try {
      const { items, next } = await this.queries.execute(new ListPayments(query));
      return listOf(
        items.map(({ payment, revision }) => representPayment(payment, revision)),
        next,
      );
    } catch (error) {
      if (!(error instanceof InvalidCursor)) throw error;
      throw validationFailed([{ field: 'cursor', message: 'is not a cursor of this list' }]);
    }
  }

  @Get(':id')
  @Requires('payments:read')
  @DocumentsGet()
  async get(@Req() request: FastifyRequest, @Param('id') id: string): Promise<PaymentJson> {
    const at = await this.queries.execute(new GetPayment(callerOf(request).merchant, paymentIdFrom(id)));
    if (at === undefined) throw new Problem('not_found');
    return representPayment(at.payment, at.revision);
  }

  @Get(':id/events')
  @Requires('payments:read')
  @DocumentsEvents()
  async events(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
  ): Promise<ListJson<Readonly<Record<string, unknown>>>> {
    const { merchant } = callerOf(request);
    const { limit, cursor } = this.eventsQuery.read(request.query);
    const page = {
      limit: limit === undefined ? MAX_EVENTS_PAGE_SIZE : Number(limit),
      after: cursor === undefined ? undefined : placeFrom(cursor),
    };
    const events = await this.queries.execute(new ListPaymentEvents(merchant, paymentIdFrom(id), page));
    if (events === undefined) throw new Problem('not_found');
    return listOf(events.items.map(representEvent), events.next);
  }
}

function queryOf(dto: ListPaymentsDto, merchant: string): PaymentQuery {
  return {
    merchant,
    limit: dto.limit === undefined ? DEFAULT_PAGE_SIZE : Number(dto.limit),
    ...(dto.status === undefined ? {} : { status: dto.status }),
    ...(dto.psp === undefined ? {} : { psp: dto.psp }),
    ...(dto.customer_id === undefined ? {} : { customerId: dto.customer_id }),
    ...(dto.created_after === undefined ? {} : { createdAfter: new Date(dto.created_after) }),
    ...(dto.created_before === undefined ? {} : { createdBefore: new Date(dto.created_before) }),
    ...(dto.cursor === undefined ? {} : { cursor: dto.cursor }),
  };
}
