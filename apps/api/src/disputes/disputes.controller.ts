import { applyDecorators, Controller, Get, Param, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { DisputeJson } from '@tender/domain';
import { representDispute } from '@tender/domain';
import { InvalidCursor } from '@tender/readmodels';
import type { FastifyRequest } from 'fastify';
import { callerOf, Requires } from '../access/access';
import { DtoReader, validationFailed } from '../http/dto-rules';
import type { ListJson } from '../http/list';
import { listOf } from '../http/list';
import { ListPageDto, pageQueryOf } from '../http/list-page.dto';
import { Problem } from '../http/problem';
import { DocumentsProblems } from '../http/problem-documentation';
import { returns } from '../payments/payment-documentation';
import { paymentIdFrom } from '../payments/payment-ids';
import { GetPayment } from '../payments/payment-messages';
import { DocumentsPaymentList } from '../refunds/refund-documentation';
import { ListDisputes } from './list-disputes';

const DocumentsDisputes = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'List disputes',
      description: 'Those of the payment that was disputed last first.',
    }),
    ApiQuery({ type: ListPageDto }),
    returns(200, 'DisputeList', 'A page; `next_cursor` is null on the last one.'),
    DocumentsProblems('unauthenticated', 'forbidden', 'validation_failed', 'rate_limited', 'unavailable'),
  );

/** What buyers' banks ask about or take back. */
@ApiTags('Disputes')
@ApiBearerAuth()
@Controller('v1')
export class DisputesController {
  private readonly listQuery = new DtoReader(ListPageDto);

  constructor(private readonly queries: QueryBus) {}

  @Get('disputes')
  @Requires('payments:read')
  @DocumentsDisputes()
  async list(@Req() request: FastifyRequest): Promise<ListJson<DisputeJson>> {
    const page = pageQueryOf(this.listQuery.read(request.query));
    try {
      const { items, next } = await this.queries.execute(new ListDisputes(callerOf(request).merchant, page));
      return listOf(
        items.map(({ dispute, paymentId }) => representDispute(dispute, paymentId)),
        next,
      );
    } catch (error) {
      if (!(error instanceof InvalidCursor)) throw error;
      throw validationFailed([{ field: 'cursor', message: 'is not a cursor of this list' }]);
    }
  }

  /** All of them: a charge is disputed once or twice. */
  @Get('payments/:id/disputes')
  @Requires('payments:read')
  @DocumentsPaymentList('List the disputes of a payment', 'DisputeList')
  async ofPayment(@Req() request: FastifyRequest, @Param('id') id: string): Promise<ListJson<DisputeJson>> {
    const paymentId = paymentIdFrom(id);
    const at = await this.queries.execute(new GetPayment(callerOf(request).merchant, paymentId));
    if (at === undefined) throw new Problem('not_found');
    const disputes = at.payment.disputes.toReversed();
    return listOf(
      disputes.map((dispute) => representDispute(dispute, paymentId)),
      undefined,
    );
  }
}
