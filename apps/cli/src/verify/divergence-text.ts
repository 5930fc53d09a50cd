import type { Divergence } from '@tender/domain';

/** One line for a person: what kind, where, and the two values. */
export function divergenceText({ where, kind, id, at, expected, found }: Divergence): string {
  const place = at === null ? id : `${id}, ${at}`;
  return `${where}  ${kind}  ${place}: expected ${expected ?? 'nothing'}, found ${found ?? 'nothing'}`;
}
