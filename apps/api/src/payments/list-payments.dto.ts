import { ApiPropertyOptional } from '@nestjs/swagger';
import type { PaymentStatus, PspName } from '@tender/domain';
import { PSP_NAMES } from '@tender/domain';
import { IsIn, IsOptional } from 'class-validator';
import { MAX_CUSTOMER_ID_CHARACTERS } from '../config/limits';
import { Follows } from '../http/dto-rules';
import { ListPageDto } from '../http/list-page.dto';
import type { FieldError } from '../http/problem';
import * as rules from './field-rules';

/** Exhaustive by type: a new status does not compile until it can be asked for. */
const STATUS_SET: Readonly<Record<PaymentStatus, true>> = {
  processing: true,
  requires_action: true,
  requires_capture: true,
  succeeded: true,
  failed: true,
  canceled: true,
  outcome_unknown: true,
};
export const PAYMENT_STATUSES = Object.keys(STATUS_SET) as readonly PaymentStatus[];

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

const timestamp = (value: unknown, field: string): readonly FieldError[] =>
  typeof value === 'string' && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value))
    ? []
    : [{ field, message: 'must be an RFC 3339 time, such as 2026-01-31T12:00:00Z' }];

/** The query of `GET /v1/payments`, every value as the text it is sent as. */
export class ListPaymentsDto extends ListPageDto {
  @ApiPropertyOptional({ enum: PAYMENT_STATUSES })
  @IsOptional()
  @IsIn(PAYMENT_STATUSES, { message: `must be one of: ${PAYMENT_STATUSES.join(', ')}` })
  status?: PaymentStatus;

  @ApiPropertyOptional({ enum: PSP_NAMES, description: 'Of the latest attempt.' })
  @IsOptional()
  @IsIn(PSP_NAMES, { message: `must be one of: ${PSP_NAMES.join(', ')}` })
  psp?: PspName;

  @ApiPropertyOptional({ type: 'string', maxLength: MAX_CUSTOMER_ID_CHARACTERS, example: 'cus_77' })
  @IsOptional()
  @Follows(rules.text(1, MAX_CUSTOMER_ID_CHARACTERS))
  customer_id?: string;

  @ApiPropertyOptional({ type: 'string', format: 'date-time', description: 'Exclusive.' })
  @IsOptional()
  @Follows(timestamp)
  created_after?: string;

  @ApiPropertyOptional({ type: 'string', format: 'date-time', description: 'Exclusive.' })
  @IsOptional()
  @Follows(timestamp)
  created_before?: string;
}
