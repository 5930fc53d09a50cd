import { Command, Query } from '@nestjs/cqrs';
import type { RefundAt } from '@tender/engine';
import type { PageQuery } from '../http/list-page.dto';
import type { ChangeRefundRequest } from './change-refund';
import type { CreateRefundRequest, RefundAnswer } from './create-refund';
import type { RefundPage } from './refund-lists';

/** What controllers send over the bus; plain data, so that a test can send the same. */
export class CreateRefund extends Command<RefundAnswer> {
  constructor(readonly request: CreateRefundRequest) {
    super();
  }
}

/** A retry, or the end of all tries. */
export class ChangeRefund extends Command<RefundAnswer> {
  constructor(readonly request: ChangeRefundRequest) {
    super();
  }
}

/** Answers undefined for an unknown refund and for another merchant's alike. */
export class GetRefund extends Query<RefundAt | undefined> {
  constructor(
    readonly merchant: string,
    readonly refundId: string,
  ) {
    super();
  }
}

export class ListPaymentRefunds extends Query<RefundPage | undefined> {
  constructor(
    readonly merchant: string,
    readonly paymentId: string,
    readonly page: PageQuery,
  ) {
    super();
  }
}
