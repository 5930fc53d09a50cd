import { hash } from 'node:crypto';
import type { PspName } from '@tender/domain';
import type { Clock, WebhookCommands } from '@tender/engine';
import { webhookStream } from '@tender/engine';
import type { Logger } from 'pino';
import { RETRY_AFTER_S, WEBHOOK_STORE_WAIT_MS } from '../config/limits';
import type { ApiMetrics, WebhookResult } from '../http/metrics';
import { Problem } from '../http/problem';
import type { Delivery, Verdict, VerifiedNotice, WebhookSource } from './webhook-source';

export interface WebhookIntakeDeps {
  readonly commands: Pick<WebhookCommands, 'handle'>;
  /** PSPs without one are not listened to. */
  readonly sources: readonly WebhookSource[];
  readonly clock: Clock;
  readonly metrics: ApiMetrics;
  readonly logger: Logger;
}

/**
 * From bytes that anybody may have sent to notices that are durable. What they mean is read later, by the worker: so
 * that a PSP is answered in time, and a mistake in reading can be mended and the notice read again.
 */
export class WebhookIntake {
  constructor(private readonly deps: WebhookIntakeDeps) {}

  /**
   * Returns when every notice of the delivery is stored, now or before.
   *
   * @param requestId names this delivery alone: copies of a notice are other deliveries
   * @throws Problem when the PSP has to send it again, or when it is none of the PSP's
   */
  async receive(psp: PspName, delivery: Delivery, requestId: string): Promise<void> {
    const source = this.deps.sources.find((each) => each.psp === psp);
    if (source === undefined) throw new Problem('not_found');
    const verdict = source.verify(delivery, this.deps.clock.now());
    if (verdict.kind !== 'verified') throw this.refusal(psp, verdict.kind, requestId);
    const bodySha256 = hash('sha256', delivery.body, 'hex');
    const stored = await Promise.all(
      verdict.notices.map((notice) => this.store(psp, notice, bodySha256, requestId)),
    );
    // those that are stored are duplicates when the PSP sends the whole batch again
    if (!stored.every(Boolean)) {
      throw new Problem('unavailable', { headers: { 'retry-after': String(RETRY_AFTER_S) } });
    }
  }

  private async store(
    psp: PspName,
    { noticeId, fields }: VerifiedNotice,
    bodySha256: string,
    requestId: string,
  ): Promise<boolean> {
    const handled = await this.deps.commands.handle(
      webhookStream(psp, noticeId),
      { type: 'ReceiveNotice', data: { psp, noticeId, fields, bodySha256 } },
      {
        commandId: requestId,
        correlationId: requestId,
        causationId: requestId,
        actor: `psp:${psp}`,
      },
      { expectNew: true, waitMs: WEBHOOK_STORE_WAIT_MS },
    );
    this.deps.metrics.webhook(psp, RESULT_OF[handled.kind]);
    return handled.kind === 'recorded' || handled.kind === 'nothing';
  }

  /** What was sent is not ours to keep, and is in no log: it may say anything about anybody. */
  private refusal(psp: PspName, why: Exclude<Verdict['kind'], 'verified'>, requestId: string): Problem {
    this.deps.metrics.webhook(psp, why);
    this.deps.logger.warn({ psp, why, request_id: requestId }, 'a webhook was refused');
    switch (why) {
      case 'forged':
        return new Problem('signature_invalid');
      case 'unauthenticated':
        return new Problem('unauthenticated', { headers: { 'www-authenticate': 'Basic realm="tender"' } });
      case 'not_ours':
        return new Problem('not_found', { detail: 'This merchant account is not listened to here.' });
      case 'unreadable':
        return new Problem('malformed_body', { detail: 'The body has not the form of a notice.' });
    }
  }
}

/** A conflict means that others store the same notice at this moment; whether they did is not known here. */
const RESULT_OF: Readonly<Record<Awaited<ReturnType<WebhookCommands['handle']>>['kind'], WebhookResult>> = {
  recorded: 'stored',
  nothing: 'duplicate',
  refused: 'unconfirmed',
  unconfirmed: 'unconfirmed',
  conflict: 'unconfirmed',
};
