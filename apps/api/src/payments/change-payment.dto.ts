import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { ACTION_RESULT_NAMES, actionResult } from '../buyer-return/action-result';
import {
  MAX_ACTION_RESULT_CHARACTERS,
  MAX_CANCEL_REASON_CHARACTERS,
  MIN_AMOUNT_MINOR,
} from '../config/limits';
import { Follows } from '../http/dto-rules';
import * as rules from './field-rules';

/** The body of `POST /v1/payments/:id/capture`; none is the same as an empty one. */
@ApiSchema({ name: 'CapturePayment' })
export class CapturePaymentDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: MIN_AMOUNT_MINOR,
    nullable: true,
    example: 1099,
    description: 'ISO 4217 minor units. Default: all that is authorised. What is not captured is let go.',
  })
  @IsOptional()
  @IsInt({ message: 'must be an integer of minor units' })
  @Min(MIN_AMOUNT_MINOR, { message: `must be at least ${MIN_AMOUNT_MINOR}` })
  @Max(Number.MAX_SAFE_INTEGER, { message: 'is too large' })
  amount?: number | null;
}

/** The body of `POST /v1/payments/:id/cancel`; none is the same as an empty one. */
@ApiSchema({ name: 'CancelPayment' })
export class CancelPaymentDto {
  @ApiPropertyOptional({
    type: 'string',
    maxLength: MAX_CANCEL_REASON_CHARACTERS,
    nullable: true,
    example: 'The order was withdrawn',
    description: 'Recorded as sent, and not sent to PSPs. No personal data, please.',
  })
  @IsOptional()
  @Follows(rules.text(0, MAX_CANCEL_REASON_CHARACTERS))
  reason?: string | null;
}

/** The body of `POST /v1/payments/:id/continue`. */
@ApiSchema({ name: 'ContinuePayment' })
export class ContinuePaymentDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.values(ACTION_RESULT_NAMES)
        .flat()
        .map((name) => [name, { type: 'string', minLength: 1, maxLength: MAX_ACTION_RESULT_CHARACTERS }]),
    ),
    example: { redirectResult: 'X6XtfGC3!Y…' },
    description: 'What the PSP added to the address that the buyer came back to.',
  })
  @Follows(actionResult)
  result!: Readonly<Record<string, string>>;
}
