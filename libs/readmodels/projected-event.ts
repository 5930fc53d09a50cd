/** What a projection needs of a recorded event; the log's own type has more. */
export interface ProjectedEvent {
  readonly type: string;
  readonly data: object;
  readonly stream: string;
  readonly revision: bigint;
  readonly position: { readonly commit: bigint; readonly prepare: bigint };
  readonly metadata: { readonly recordedAt: string };
}
