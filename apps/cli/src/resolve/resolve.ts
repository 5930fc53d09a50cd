import type { WordAboutRefund } from '@tender/domain';
import { partsOfAttemptId, partsOfRefundReference } from '@tender/domain';
import {
  paymentCommands,
  paymentStream,
  refundCommands,
  refundStream,
  systemChance,
  systemClock,
  type Clock,
} from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import { CliFailure, EXIT } from '../exit-codes';
import type { Terminal } from '../terminal';
import { demandOfOperation, wordOf, type ResolveOptions } from './word';

const OPERATION_ID = /^(att_[0-9a-f]{34})-(?:capture|cancel|reversal)-[1-9]\d*$/;

const REFUSED: Readonly<Record<string, string>> = {
  payment_not_found: 'There is no such payment in this event store.',
  refund_not_found: 'There is no such refund in this event store.',
  operation_not_found: 'The payment has no such operation.',
  operation_in_progress:
    'It is under way still: its answer is to come, or its request may be sent again under the same key.',
  not_resolvable:
    'It has ended, or was tried again: there is nothing to find out about it, but that a refund that was given came back.',
  idempotency_key_reused: 'Something else was told about it before.',
};

/** What a word is about. */
type Aim =
  | { readonly kind: 'operation'; readonly streamOf: string; readonly name: string }
  | { readonly kind: 'refund'; readonly streamOf: string; readonly name: string; readonly number: number };

/** @throws CliFailure `usage` */
function aimFrom(name: string): Aim {
  const paymentId = partsOfAttemptId(OPERATION_ID.exec(name)?.[1] ?? '')?.paymentId;
  if (paymentId !== undefined) return { kind: 'operation', streamOf: paymentId, name };
  const refund = partsOfRefundReference(name);
  if (refund !== undefined) {
    return { kind: 'refund', streamOf: refund.refundId, name, number: refund.number };
  }
  throw new CliFailure(
    EXIT.usage,
    `"${name.slice(0, 80)}" names nothing: give att_…-capture-1, att_…-cancel-1, att_…-reversal-1, or re_…-1.`,
  );
}

/**
 * Records what an operator found out at the PSP about a capture, a cancel, a reversal, or a try of a refund. The same words
 * again change nothing.
 *
 * @param name as events and PSPs have it
 * @throws CliFailure `usage` where an option breaks its rule, `refused` where nobody has any use for it
 */
export async function resolveByWord(
  log: EventLog,
  terminal: Terminal,
  name: string,
  options: ResolveOptions,
  clock: Clock = systemClock,
): Promise<void> {
  const aim = aimFrom(name);
  const word = wordOf(aim, options, clock.now());
  const { kind, code } = await told(log, clock, aim, word, `operator:${options.by}`);
  switch (kind) {
    case 'recorded':
      terminal.out(`${name}: recorded as ${options.found}`);
      return;
    case 'nothing':
      terminal.out(`${name}: was told before`);
      return;
    case 'refused':
      throw new CliFailure(code.endsWith('_not_found') ? EXIT.notFound : EXIT.refused, REFUSED[code] ?? code);
    case 'unconfirmed':
    case 'conflict':
      throw new CliFailure(
        EXIT.unreachable,
        'The event store did not confirm it; the same command may be run again.',
      );
  }
}

async function told(
  log: EventLog,
  clock: Clock,
  aim: Aim,
  word: WordAboutRefund,
  actor: string,
): Promise<{
  readonly kind: 'recorded' | 'nothing' | 'refused' | 'unconfirmed' | 'conflict';
  readonly code: string;
}> {
  const deps = { log, clock, chance: systemChance };
  const commandId = systemChance.uuid();
  const context = { commandId, correlationId: aim.streamOf, causationId: commandId, actor };
  const handled =
    aim.kind === 'operation'
      ? await paymentCommands(deps).handle(
          paymentStream(aim.streamOf),
          { type: 'ResolveOperation', data: { ...demandOfOperation(word), operationId: aim.name } },
          context,
        )
      : await refundCommands(deps).handle(
          refundStream(aim.streamOf),
          { type: 'ResolveRefund', data: { ...word, number: aim.number } },
          context,
        );
  return { kind: handled.kind, code: handled.kind === 'refused' ? handled.refusal.code : '' };
}
