import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { MAX_CURSOR_CHARACTERS, MAX_EVENTS_PAGE_SIZE } from '../config/limits';
import { Follows } from '../http/dto-rules';
import * as rules from './field-rules';

/** The query of `GET /v1/payments/:id/events`, every value as the text it is sent as. */
export class ListEventsDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_EVENTS_PAGE_SIZE,
    default: MAX_EVENTS_PAGE_SIZE,
  })
  @IsOptional()
  @Follows(rules.pageSize(MAX_EVENTS_PAGE_SIZE))
  limit?: string;

  @ApiPropertyOptional({
    type: 'string',
    maxLength: MAX_CURSOR_CHARACTERS,
    description: 'next_cursor of the page before.',
  })
  @IsOptional()
  @Follows(rules.text(1, MAX_CURSOR_CHARACTERS))
  cursor?: string;
}
