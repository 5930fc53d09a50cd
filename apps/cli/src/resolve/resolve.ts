import { partsOfAttemptId, publicId } from '@tender/domain';
import { paymentCommands, paymentStream, systemChance, systemClock, type Clock } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import { CliFailure, EXIT } from '../exit-codes';
import type { Terminal } from '../terminal';
import { wordOf, type ResolveOptions } from './word';

const OPERATION_ID = /^(att_[0-9a-f]{34})-(?:capture|cancel|reversal)-[1-9]\d*$/;

const REFUSED: Readonly<Record<string, string>> = {
  payment_not_found: 'There is no such payment in this event store.',
  operation_not_found: 'The payment has no such operation.',
  operation_in_progress:
    'It is under way still: its answer is to come, or its request may be sent again under the same key.',
  not_resolvable: 'It has ended: there is nothing to find out about it.',
  idempotency_key_reused: 'Something else was told about it before.',
};

/**
 * Records what an operator found out at the PSP about a capture, a cancel or a reversal. The same words again change
 * nothing.
 *
 * @throws CliFailure `usage` where an option breaks its rule, `refused` where the payment has no use for it
 */
export async function resolveOperation(
  log: EventLog,
  terminal: Terminal,
  operationId: string,
  options: ResolveOptions,
  clock: Clock = systemClock,
): Promise<void> {
  const paymentId = partsOfAttemptId(OPERATION_ID.exec(operationId)?.[1] ?? '')?.paymentId;
  if (paymentId === undefined) {
    throw new CliFailure(
      EXIT.usage,
      `"${operationId.slice(0, 80)}" names no operation: give att_…-capture-1, att_…-cancel-1 or att_…-reversal-1.`,
    );
  }
  const data = wordOf(paymentId, operationId, options, clock.now());
  const commandId = systemChance.uuid();
  const handled = await paymentCommands({ log, clock, chance: systemChance }).handle(
    paymentStream(paymentId),
    { type: 'ResolveOperation', data },
    { commandId, correlationId: paymentId, causationId: commandId, actor: `operator:${options.by}` },
  );
  const subject = `${operationId} of ${publicId('pay', paymentId)}`;
  switch (handled.kind) {
    case 'recorded':
      terminal.out(`${subject}: recorded as ${options.found}`);
      return;
    case 'nothing':
      terminal.out(`${subject}: was told before`);
      return;
    case 'refused': {
      const { code } = handled.refusal;
      const exitCode = code.endsWith('_not_found') ? EXIT.notFound : EXIT.refused;
      throw new CliFailure(exitCode, REFUSED[code] ?? code);
    }
    case 'unconfirmed':
    case 'conflict':
      throw new CliFailure(
        EXIT.unreachable,
        'The event store did not confirm it; the same command may be run again.',
      );
  }
}
