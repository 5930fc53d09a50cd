/** The one shape of every list; `next_cursor` is null on the last page. */
export interface ListJson<Item> {
  readonly object: 'list';
  readonly data: readonly Item[];
  readonly next_cursor: string | null;
}

export const listOf = <Item>(data: readonly Item[], next: string | undefined): ListJson<Item> => ({
  object: 'list',
  data,
  next_cursor: next ?? null,
});
