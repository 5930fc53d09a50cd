import { CommandHandler, type ICommandHandler, type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { RefundAt } from '@tender/engine';
import { PaymentReader } from '../payments/payment-reader';
import { ChangeRefundFlow } from './change-refund';
import { CreateRefundFlow, type RefundAnswer } from './create-refund';
import { RefundReader, type RefundPage } from './refund-lists';
import { ChangeRefund, CreateRefund, GetRefund, ListPaymentRefunds } from './refund-messages';

@CommandHandler(CreateRefund)
export class CreateRefundHandler implements ICommandHandler<CreateRefund> {
  constructor(
    private readonly flow: CreateRefundFlow,
    private readonly payments: PaymentReader,
  ) {}

  async execute({ request }: CreateRefund): Promise<RefundAnswer> {
    const answer = await this.flow.create(request);
    if (answer.kind === 'refund' && answer.payment !== undefined) this.payments.remember(answer.payment);
    return answer;
  }
}

@CommandHandler(ChangeRefund)
export class ChangeRefundHandler implements ICommandHandler<ChangeRefund> {
  constructor(private readonly flow: ChangeRefundFlow) {}

  execute({ request }: ChangeRefund): Promise<RefundAnswer> {
    return this.flow.change(request);
  }
}

@QueryHandler(GetRefund)
export class GetRefundHandler implements IQueryHandler<GetRefund> {
  constructor(private readonly reader: RefundReader) {}

  async execute({ merchant, refundId }: GetRefund): Promise<RefundAt | undefined> {
    const at = await this.reader.get(refundId);
    return at?.refund.merchant === merchant ? at : undefined;
  }
}

@QueryHandler(ListPaymentRefunds)
export class ListPaymentRefundsHandler implements IQueryHandler<ListPaymentRefunds> {
  constructor(private readonly reader: RefundReader) {}

  execute({ merchant, paymentId, page }: ListPaymentRefunds): Promise<RefundPage | undefined> {
    return this.reader.list(merchant, paymentId, page);
  }
}

export const REFUND_HANDLERS = [
  CreateRefundHandler,
  ChangeRefundHandler,
  GetRefundHandler,
  ListPaymentRefundsHandler,
];
