import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { RefundResolutionFound, ResolutionFound } from '@tender/domain';
import {
  MAX_EVIDENCE_CHARACTERS,
  MAX_OPERATOR_CHARACTERS,
  MAX_PSP_REFERENCE_CHARACTERS,
  MAX_REFUND_TRIES,
  REFUND_RESOLUTION_FOUND,
  RESOLUTION_FOUND,
} from '@tender/domain';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { Follows, validationFailed } from '../http/dto-rules';
import type { FieldError } from '../http/problem';
import * as rules from './field-rules';
import { timestamp } from './list-payments.dto';

const DONE_OR_NOT =
  '`done`: the PSP shows that it was done. `not_done`: it surely was not, and will not be by what was sent.';

/** Who found out what is told of an operation or a refund, and where. */
abstract class WordDto {
  @ApiProperty({
    type: 'string',
    minLength: 1,
    maxLength: MAX_OPERATOR_CHARACTERS,
    example: 'R. Jansen',
    description: 'Who looked.',
  })
  @Follows(rules.text(1, MAX_OPERATOR_CHARACTERS))
  by!: string;

  @ApiProperty({
    type: 'string',
    minLength: 1,
    maxLength: MAX_EVIDENCE_CHARACTERS,
    example: 'Customer Area: refunded on 1 March, case 4711',
    description: 'Where, and what was seen.',
  })
  @Follows(rules.text(1, MAX_EVIDENCE_CHARACTERS))
  evidence!: string;

  @ApiPropertyOptional({
    type: 'string',
    minLength: 1,
    maxLength: MAX_PSP_REFERENCE_CHARACTERS,
    nullable: true,
    example: 'BJTK53QWERTY0004',
    description: 'The PSP’s name of it. Required where it was done, also where the money came back.',
  })
  @IsOptional()
  @Follows(rules.text(1, MAX_PSP_REFERENCE_CHARACTERS))
  psp_reference?: string | null;

  @ApiPropertyOptional({
    type: 'string',
    format: 'date-time',
    nullable: true,
    example: '2026-03-01T12:00:00.000Z',
    description:
      'When the PSP did it, or when the money came back. Default: as early as it can be, when it was asked to; of `returned`, when it is told.',
  })
  @IsOptional()
  @Follows(timestamp)
  occurred_at?: string | null;
}

/** What an operator found out at a PSP: the body of `POST …/resolve`. */
@ApiSchema({ name: 'Resolve' })
export class ResolveDto extends WordDto {
  @ApiProperty({ enum: RESOLUTION_FOUND, description: DONE_OR_NOT })
  @IsIn(RESOLUTION_FOUND, { message: `must be one of ${RESOLUTION_FOUND.join(', ')}` })
  found!: ResolutionFound;
}

/** … about a refund: of the try that was looked for, since another may have begun meanwhile. */
@ApiSchema({ name: 'ResolveRefund' })
export class ResolveRefundDto extends WordDto {
  @ApiProperty({
    enum: REFUND_RESOLUTION_FOUND,
    description: `${DONE_OR_NOT} \`returned\`: it was done, and the money has come back since.`,
  })
  @IsIn(REFUND_RESOLUTION_FOUND, { message: `must be one of ${REFUND_RESOLUTION_FOUND.join(', ')}` })
  found!: RefundResolutionFound;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: MAX_REFUND_TRIES,
    example: 1,
    description:
      'Which try of the refund it is about: the last number of the reference that the PSP has of it.',
  })
  @IsInt({ message: 'must be an integer' })
  @Min(1, { message: 'must be at least 1' })
  @Max(MAX_REFUND_TRIES, { message: `must be at most ${MAX_REFUND_TRIES}` })
  try!: number;
}

/** What was found, as a command has it. */
export type Found = (
  | { readonly found: 'done'; readonly pspReference: string }
  | { readonly found: 'not_done'; readonly pspReference: string | null }
) &
  FoundAt;

/** … of a refund. */
export type FoundOfRefund = Found | ({ readonly found: 'returned'; readonly pspReference: string } & FoundAt);

interface FoundAt {
  /** RFC 3339, UTC; null: not known. */
  readonly occurredAt: string | null;
}

/** @throws Problem `validation_failed` where something was done and has no name, or is still to come */
export function foundOf(dto: ResolveDto, nowMs: number): Found;
export function foundOf(dto: ResolveRefundDto, nowMs: number): FoundOfRefund;
export function foundOf(dto: ResolveDto | ResolveRefundDto, nowMs: number): FoundOfRefund {
  const { found, psp_reference: pspReference = null, occurred_at: at = null } = dto;
  const errors: FieldError[] = [];
  if (at !== null && Date.parse(at) > nowMs) {
    errors.push({ field: 'occurred_at', message: 'must not be in the future' });
  }
  if (found !== 'not_done' && pspReference === null) {
    const where = found === 'done' ? 'it was done' : 'the money was given and came back';
    errors.push({ field: 'psp_reference', message: `is required where ${where}` });
  }
  if (errors.length > 0) throw validationFailed(errors);
  const occurredAt = at === null ? null : new Date(at).toISOString();
  return found !== 'not_done' && pspReference !== null
    ? { found, pspReference, occurredAt }
    : { found: 'not_done', pspReference, occurredAt };
}
