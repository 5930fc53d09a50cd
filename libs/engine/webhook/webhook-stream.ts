import { hash } from 'node:crypto';
import type { PspName, WebhookCommand, WebhookEvent, WebhookRefusal, WebhookState } from '@tender/domain';
import { webhookDecider } from '@tender/domain';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import { categoryPrefix, streamName } from '@tender/eventstore';
import { StreamCommands } from '../handle-command';
import { schemaVersionOf } from '../payment/payment-commands';
import type { Chance } from '../timers/chance';
import type { Clock } from '../timers/clock';

const WEBHOOK_CATEGORY = 'webhook';
export const WEBHOOK_PREFIX = categoryPrefix(WEBHOOK_CATEGORY);

/**
 * The stream of one notice. A PSP's id of it may be of any length and hold any character, and a stream's name may not:
 * so it is named by a hash.
 */
export const webhookStream = (psp: PspName, noticeId: string): string =>
  streamName(WEBHOOK_CATEGORY, `${psp}_${hash('sha256', noticeId, 'hex')}`);

/** The codec lets only catalogued types through, and webhook streams hold those of notices. */
export const asWebhookEvent = (event: RecordedEvent): WebhookEvent => event as unknown as WebhookEvent;

export type WebhookCommands = StreamCommands<WebhookState, WebhookCommand, WebhookEvent, WebhookRefusal>;

export const webhookCommands = (deps: { log: EventLog; clock: Clock; chance: Chance }): WebhookCommands =>
  new StreamCommands({ ...deps, decider: webhookDecider, schemaVersionOf });
