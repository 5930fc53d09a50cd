import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { DisputePage } from '@tender/readmodels';
import type { PageQuery } from '../http/list-page.dto';

export class ListDisputes extends Query<DisputePage> {
  constructor(
    readonly merchant: string,
    readonly page: PageQuery,
  ) {
    super();
  }
}

/** The list that the read model offers. */
export abstract class DisputeLists {
  abstract list(query: {
    readonly merchant: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<DisputePage>;
}

@QueryHandler(ListDisputes)
export class ListDisputesHandler implements IQueryHandler<ListDisputes> {
  constructor(private readonly lists: DisputeLists) {}

  execute({ merchant, page: { limit, cursor } }: ListDisputes): Promise<DisputePage> {
    return this.lists.list({ merchant, limit, ...(cursor === undefined ? {} : { cursor }) });
  }
}
