import { hash } from 'node:crypto';
import type { RefundResolutionFound, WordAboutRefund, WordOfOperator } from '@tender/domain';
import {
  MAX_EVIDENCE_CHARACTERS,
  MAX_OPERATOR_CHARACTERS,
  MAX_PSP_REFERENCE_CHARACTERS,
  RESOLUTION_FOUND,
  requestIdOf,
} from '@tender/domain';
import { timestampOf } from '@tender/engine';
import { CliFailure, EXIT } from '../exit-codes';

export interface ResolveOptions {
  readonly found: RefundResolutionFound;
  readonly by: string;
  readonly evidence: string;
  readonly pspReference: string | undefined;
  readonly occurredAtMs: number | undefined;
}

/**
 * An operator's options as what the payment or the refund is told.
 *
 * @param streamOf the id of that payment or refund; `name`: of the operation or the try
 * @throws CliFailure `usage` where one breaks its rule, by its name
 */
export function wordOf(
  { streamOf, name }: { readonly streamOf: string; readonly name: string },
  { found, by, evidence, pspReference, occurredAtMs }: ResolveOptions,
  nowMs: number,
): WordAboutRefund {
  demandText('--by', by, MAX_OPERATOR_CHARACTERS);
  demandText('--evidence', evidence, MAX_EVIDENCE_CHARACTERS);
  if (pspReference !== undefined) demandText('--psp-reference', pspReference, MAX_PSP_REFERENCE_CHARACTERS);
  if (occurredAtMs !== undefined && occurredAtMs > nowMs) {
    throw new CliFailure(EXIT.usage, '--occurred-at must not be in the future.');
  }
  const occurredAt = occurredAtMs === undefined ? null : timestampOf(occurredAtMs);
  const told = [found, by, evidence, pspReference ?? null, occurredAt];
  const word = {
    // one word about each operation or try: whoever runs this again says the same, or is told that he does not
    requestId: requestIdOf(streamOf, 'resolve', `cli ${name}`),
    fingerprint: hash('sha256', JSON.stringify(told), 'hex'),
    occurredAt,
    freeText: { by, evidence },
    toldAt: timestampOf(nowMs),
  };
  if (found === 'not_done') return { ...word, found, pspReference: pspReference ?? null };
  if (pspReference !== undefined) return { ...word, found, pspReference };
  const where = found === 'done' ? 'it was done' : 'the money was given and came back';
  throw new CliFailure(EXIT.usage, `--psp-reference is required where ${where}.`);
}

/** @throws CliFailure `usage` where it can be said of a refund alone */
export function demandOfOperation(word: WordAboutRefund): WordOfOperator {
  if (word.found !== 'returned') return word;
  throw new CliFailure(
    EXIT.usage,
    `--found must be one of ${RESOLUTION_FOUND.join(', ')} here: "returned" is told of a refund alone.`,
  );
}

function demandText(option: string, text: string, max: number): void {
  const length = Array.from(text).length;
  if (length < 1 || length > max || /[\p{Cc}\p{Cs}]/u.test(text)) {
    throw new CliFailure(
      EXIT.usage,
      `${option} must be 1 to ${max} characters long, without control characters.`,
    );
  }
}
