import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { DEFAULT_PAGE_SIZE, MAX_CURSOR_CHARACTERS, MAX_PAGE_SIZE } from '../config/limits';
import * as rules from '../payments/field-rules';
import { Follows } from './dto-rules';

/** Goes on where a page before ended; sent as text, as every value of a query. */
export class CursorDto {
  @ApiPropertyOptional({
    type: 'string',
    maxLength: MAX_CURSOR_CHARACTERS,
    description: 'next_cursor of the page before.',
  })
  @IsOptional()
  @Follows(rules.text(1, MAX_CURSOR_CHARACTERS))
  cursor?: string;
}

/** The query of a list that is cut into pages and nothing else, every value as the text it is sent as. */
export class ListPageDto extends CursorDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE })
  @IsOptional()
  @Follows(rules.pageSize(MAX_PAGE_SIZE))
  limit?: string;
}

export interface PageQuery {
  readonly limit: number;
  readonly cursor: string | undefined;
}

export const pageQueryOf = ({ limit, cursor }: ListPageDto): PageQuery => ({
  limit: limit === undefined ? DEFAULT_PAGE_SIZE : Number(limit),
  cursor,
});
