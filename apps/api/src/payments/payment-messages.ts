import { Command, Query } from '@nestjs/cqrs';
import type { PaymentPage, PaymentQuery } from '@tender/readmodels';
import type { PaymentAt } from '@tender/engine';
import type { EventPage, EventPageQuery } from './event-pages';
import type { ChangePaymentAnswer, ChangePaymentRequest } from './change-payment';
import type { CreatePaymentAnswer, CreatePaymentRequest } from './create-payment';

/** What controllers send over the bus; plain data, so that a test can send the same. */
export class CreatePayment extends Command<CreatePaymentAnswer> {
  constructor(readonly request: CreatePaymentRequest) {
    super();
  }
}

/** A capture, a cancel, or the buyer's return. */
export class ChangePayment extends Command<ChangePaymentAnswer> {
  constructor(readonly request: ChangePaymentRequest) {
    super();
  }
}

/** Answers undefined for an unknown payment and for another merchant's alike. */
export class GetPayment extends Query<PaymentAt | undefined> {
  constructor(
    readonly merchant: string,
    readonly paymentId: string,
  ) {
    super();
  }
}

export class ListPayments extends Query<PaymentPage> {
  constructor(readonly query: PaymentQuery) {
    super();
  }
}

/** Answers undefined like `GetPayment`. */
export class ListPaymentEvents extends Query<EventPage | undefined> {
  constructor(
    readonly merchant: string,
    readonly paymentId: string,
    readonly page: EventPageQuery,
  ) {
    super();
  }
}
