import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import {
  MAX_METADATA_KEY_CHARACTERS,
  MAX_METADATA_KEYS,
  MAX_METADATA_VALUE_CHARACTERS,
  MAX_REFUND_REASON_CHARACTERS,
  MIN_AMOUNT_MINOR,
} from '../config/limits';
import { Follows } from '../http/dto-rules';
import * as rules from '../payments/field-rules';

/** The body of `POST /v1/payments/:id/refunds`; none is the same as an empty one. */
@ApiSchema({ name: 'CreateRefund' })
export class CreateRefundDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: MIN_AMOUNT_MINOR,
    nullable: true,
    example: 400,
    description: 'ISO 4217 minor units. Default: all that is left of what was captured.',
  })
  @IsOptional()
  @IsInt({ message: 'must be an integer of minor units' })
  @Min(MIN_AMOUNT_MINOR, { message: `must be at least ${MIN_AMOUNT_MINOR}` })
  @Max(Number.MAX_SAFE_INTEGER, { message: 'is too large' })
  amount?: number | null;

  @ApiPropertyOptional({
    type: 'string',
    maxLength: MAX_REFUND_REASON_CHARACTERS,
    nullable: true,
    example: 'requested_by_customer',
    description:
      'Recorded as sent. `duplicate`, `fraudulent` and `requested_by_customer` are told to the PSP; anything else stays here. No personal data, please.',
  })
  @IsOptional()
  @Follows(rules.text(0, MAX_REFUND_REASON_CHARACTERS))
  reason?: string | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string', maxLength: MAX_METADATA_VALUE_CHARACTERS },
    maxProperties: MAX_METADATA_KEYS,
    nullable: true,
    example: { ticket: 'T-9' },
    description: `Keys of 1 to ${MAX_METADATA_KEY_CHARACTERS} characters. Not sent to PSPs.`,
  })
  @IsOptional()
  @Follows(rules.metadata)
  metadata?: Readonly<Record<string, string>> | null;
}

/** The body of `POST /v1/refunds/:id/retry`: there is nothing to say. */
@ApiSchema({ name: 'RetryRefund' })
export class RetryRefundDto {}

/** The body of `POST /v1/refunds/:id/abandon`; none is the same as an empty one. */
@ApiSchema({ name: 'AbandonRefund' })
export class AbandonRefundDto {
  @ApiPropertyOptional({
    type: 'string',
    maxLength: MAX_REFUND_REASON_CHARACTERS,
    nullable: true,
    example: 'The buyer was paid by bank transfer',
    description: 'Recorded as sent. No personal data, please.',
  })
  @IsOptional()
  @Follows(rules.text(0, MAX_REFUND_REASON_CHARACTERS))
  reason?: string | null;
}
