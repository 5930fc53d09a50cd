import { CommandHandler, type ICommandHandler, type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { PaymentAt } from '@tender/engine';
import { foldPayment, paymentStream, refundStream } from '@tender/engine';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import type { PaymentPage, PaymentQuery } from '@tender/readmodels';
import { type ChangePaymentAnswer, ChangePaymentFlow } from './change-payment';
import { type CreatePaymentAnswer, CreatePaymentFlow } from './create-payment';
import {
  ChangePayment,
  CreatePayment,
  GetPayment,
  ListPaymentEvents,
  ListPayments,
} from './payment-messages';
import { PaymentReader } from './payment-reader';

/** The list that the read model offers. */
export abstract class PaymentLists {
  abstract list(query: PaymentQuery): Promise<PaymentPage>;
}

/** The streams, for answers that are about what was recorded. */
export abstract class PaymentStreams {
  abstract readonly log: Pick<EventLog, 'readStream'>;
}

@CommandHandler(CreatePayment)
export class CreatePaymentHandler implements ICommandHandler<CreatePayment> {
  constructor(
    private readonly flow: CreatePaymentFlow,
    private readonly reader: PaymentReader,
  ) {}

  async execute({ request }: CreatePayment): Promise<CreatePaymentAnswer> {
    const answer = await this.flow.create(request);
    if (answer.kind === 'payment') this.reader.remember(answer.at);
    return answer;
  }
}

@CommandHandler(ChangePayment)
export class ChangePaymentHandler implements ICommandHandler<ChangePayment> {
  constructor(
    private readonly flow: ChangePaymentFlow,
    private readonly reader: PaymentReader,
  ) {}

  async execute({ request }: ChangePayment): Promise<ChangePaymentAnswer> {
    const answer = await this.flow.change(request);
    if (answer.kind === 'payment') this.reader.remember(answer.at);
    return answer;
  }
}

@QueryHandler(GetPayment)
export class GetPaymentHandler implements IQueryHandler<GetPayment> {
  constructor(private readonly reader: PaymentReader) {}

  async execute({ merchant, paymentId }: GetPayment): Promise<PaymentAt | undefined> {
    const at = await this.reader.get(paymentId);
    return at?.payment.merchant === merchant ? at : undefined;
  }
}

@QueryHandler(ListPayments)
export class ListPaymentsHandler implements IQueryHandler<ListPayments> {
  constructor(private readonly lists: PaymentLists) {}

  execute({ query }: ListPayments): Promise<PaymentPage> {
    return this.lists.list(query);
  }
}

@QueryHandler(ListPaymentEvents)
export class ListPaymentEventsHandler implements IQueryHandler<ListPaymentEvents> {
  constructor(private readonly streams: PaymentStreams) {}

  async execute({ merchant, paymentId }: ListPaymentEvents): Promise<readonly RecordedEvent[] | undefined> {
    const { log } = this.streams;
    const events = await log.readStream(paymentStream(paymentId));
    const payment = foldPayment(events)?.payment;
    if (payment?.merchant !== merchant) return undefined;
    const all = [...events];
    for (const { id } of payment.refunds) all.push(...(await log.readStream(refundStream(id))));
    return all.toSorted(byPosition);
  }
}

/** In the order of the log, over all streams. */
const byPosition = ({ position: a }: RecordedEvent, { position: b }: RecordedEvent): number =>
  Number(a.commit - b.commit) || Number(a.prepare - b.prepare);

export const PAYMENT_HANDLERS = [
  CreatePaymentHandler,
  ChangePaymentHandler,
  GetPaymentHandler,
  ListPaymentsHandler,
  ListPaymentEventsHandler,
];
