import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { MAX_EVENTS_PAGE_SIZE } from '../config/limits';
import { Follows } from '../http/dto-rules';
import { CursorDto } from '../http/list-page.dto';
import * as rules from './field-rules';

/** The query of `GET /v1/payments/:id/events`, every value as the text it is sent as. */
export class ListEventsDto extends CursorDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_EVENTS_PAGE_SIZE,
    default: MAX_EVENTS_PAGE_SIZE,
  })
  @IsOptional()
  @Follows(rules.pageSize(MAX_EVENTS_PAGE_SIZE))
  limit?: string;
}
