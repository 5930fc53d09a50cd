import { publicId, representPayment } from '@tender/domain';
import { foldPayment, paymentStream } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import { amountText } from '../audit/event-words';
import { CliFailure, EXIT } from '../exit-codes';
import { jsonOf } from '../terminal';
import { isBy, type Moment } from './moment';

/**
 * A payment as it was at a moment, folded from its stream: as the API rendered it then, and as the domain knew it.
 *
 * @throws CliFailure `notFound`
 */
export async function replayPayment(
  log: Pick<EventLog, 'readStream'>,
  paymentId: string,
  { to, json }: { readonly to: Moment; readonly json: boolean },
): Promise<string> {
  const id = publicId('pay', paymentId);
  const recorded = await log.readStream(paymentStream(paymentId));
  if (recorded.length === 0)
    throw new CliFailure(EXIT.notFound, `There is no payment ${id} in this event store.`);
  const events = recorded.filter((event) => isBy(to, event));
  const at = foldPayment(events);
  const last = events.at(-1);
  if (at === undefined || last === undefined) {
    const { recordedAt } = recorded[0]?.metadata ?? {};
    throw new CliFailure(
      EXIT.notFound,
      `${id} did not exist yet: it begins at ${recordedAt ?? 'a later time'}.`,
    );
  }
  const rendered = representPayment(at.payment, at.revision);
  if (json) return jsonOf({ object: 'replay', of: recorded.length, payment: rendered, state: at.payment });
  return [
    `${id}   ${amountText(at.payment)}   ${at.payment.status}`,
    `after ${last.type}, revision ${at.revision} of ${recorded.length - 1}, recorded ${last.metadata.recordedAt}`,
    '',
    'as the API rendered it:',
    jsonOf(rendered),
    '',
    'as the domain knew it:',
    jsonOf(at.payment),
  ].join('\n');
}
