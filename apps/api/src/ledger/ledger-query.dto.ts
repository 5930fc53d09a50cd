import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { EXPORT_FORMATS } from '@tender/readmodels';
import {
  DEFAULT_PAGE_SIZE,
  MAX_CURSOR_CHARACTERS,
  MAX_LEDGER_KEY_CHARACTERS,
  MAX_PAGE_SIZE,
} from '../config/limits';
import { Follows } from '../http/dto-rules';
import type { FieldError } from '../http/problem';
import { currency, pageSize, text } from '../payments/field-rules';
import { timestamp } from '../payments/list-payments.dto';

/** Journals are numbered by int64. */
const MAX_SEQ = 2n ** 63n - 1n;

const isSeq = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{1,19}$/.test(value) && BigInt(value) <= MAX_SEQ;

const seq = (value: unknown, field: string): readonly FieldError[] =>
  isSeq(value) ? [] : [{ field, message: 'must be the number of a journal' }];

const moment = (value: unknown, field: string): readonly FieldError[] =>
  isSeq(value) || timestamp(value, field).length === 0
    ? []
    : [{ field, message: 'must be the number of a journal, or an RFC 3339 time' }];

export const EXPORT_KINDS = [...EXPORT_FORMATS, 'manifest'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

const LAYERS = ['posted', 'memo'] as const;

/** The query of `GET /v1/ledger/trial_balance`; every value as the text it is sent as. */
export class TrialBalanceDto {
  @ApiPropertyOptional({
    type: 'string',
    example: '1200',
    description:
      'The number of a journal, or an RFC 3339 time of recording that the books are past. Default: the present.',
  })
  @IsOptional()
  @Follows(moment)
  as_of?: string;

  @ApiPropertyOptional({
    type: 'string',
    format: 'date-time',
    description: 'Counts only what had taken effect by then, as far as it was known at `as_of`.',
  })
  @IsOptional()
  @Follows(timestamp)
  effective_at?: string;

  @ApiPropertyOptional({
    type: 'string',
    example: 'USD',
    description: 'ISO 4217. Required where the books have several; sums never cross currencies.',
  })
  @IsOptional()
  @Follows(currency)
  currency?: string;

  @ApiPropertyOptional({
    enum: LAYERS,
    default: 'posted',
    description: '`memo`: authorisations and amounts in doubt, which are no money yet.',
  })
  @IsOptional()
  @IsIn(LAYERS, { message: `must be one of: ${LAYERS.join(', ')}` })
  layer?: (typeof LAYERS)[number];
}

/** The query of `GET /v1/ledger/accounts/:number/entries`. */
export class ListEntriesDto {
  @ApiPropertyOptional({
    type: 'string',
    example: 'USD',
    description: 'Required where the account has several.',
  })
  @IsOptional()
  @Follows(currency)
  currency?: string;

  @ApiPropertyOptional({
    type: 'string',
    maxLength: MAX_LEDGER_KEY_CHARACTERS,
    description: 'Only entries of this key, such as an attempt; running totals are then those of the key.',
  })
  @IsOptional()
  @Follows(text(1, MAX_LEDGER_KEY_CHARACTERS))
  key?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE })
  @IsOptional()
  @Follows(pageSize(MAX_PAGE_SIZE))
  limit?: string;

  @ApiPropertyOptional({
    type: 'string',
    maxLength: MAX_CURSOR_CHARACTERS,
    description: 'next_cursor of the page before; all pages are of the moment of the first.',
  })
  @IsOptional()
  @Follows(text(1, MAX_CURSOR_CHARACTERS))
  cursor?: string;
}

/** The query of `GET /v1/ledger/journals`. */
export class ListJournalsDto {
  @ApiProperty({ type: 'string', example: 'pay_6f0b54a25c0e5d0b9a552d7a1a1f3c01' })
  @Follows(text(1, MAX_LEDGER_KEY_CHARACTERS))
  payment!: string;
}

/** The query of `GET /v1/ledger/export`. */
export class ExportDto {
  @ApiProperty({
    enum: EXPORT_KINDS,
    description: '`manifest` describes the other three: their bytes, rows and SHA-256 for the same range.',
  })
  @IsIn(EXPORT_KINDS, { message: `must be one of: ${EXPORT_KINDS.join(', ')}` })
  format!: ExportKind;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, default: 1, description: 'Inclusive.' })
  @IsOptional()
  @Follows(seq)
  from_seq?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    description: 'Inclusive; default: the last journal. Give it for an export that can be repeated.',
  })
  @IsOptional()
  @Follows(seq)
  to_seq?: string;
}
