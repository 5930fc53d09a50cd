import type { Reply, Request } from '../http-listener';
import type { Notice } from './notice';
import type { Outbox } from './outbox';
import type { AdyenSimulation } from './simulation';

const JSON_HEADERS = ['Content-Type', 'application/json'] as const;

/**
 * `GET /_sim/outbox` shows the news, due or not, delivered or not, signed as it is sent; `GET` and `PUT
 * /_sim/webhooks { "url": "http://…" | null }` say where it goes. False when the path is none of them.
 */
export function handleOutbox(sim: AdyenSimulation, request: Request, reply: Reply): boolean {
  const { outbox } = sim;
  switch (`${request.method} ${request.path}`) {
    case 'GET /_sim/outbox':
      sim.settled(() => {
        answer(reply, 200, outbox.all().map(shown(outbox)));
      });
      return true;
    case 'GET /_sim/webhooks':
      answer(reply, 200, { url: outbox.url });
      return true;
    case 'PUT /_sim/webhooks': {
      const url = readUrl(request.body);
      if (url === undefined) answer(reply, 400, { error: { message: 'needs url: http(s)://… or null' } });
      else {
        outbox.url = url;
        answer(reply, 200, { url });
      }
      return true;
    }
    default:
      return false;
  }
}

const shown =
  (outbox: Outbox) =>
  (notice: Notice): object => ({
    due_at: new Date(notice.dueMs).toISOString(),
    attempts: notice.attempts,
    next_at: notice.deliveredMs === null ? new Date(notice.nextMs).toISOString() : null,
    delivered_at: notice.deliveredMs === null ? null : new Date(notice.deliveredMs).toISOString(),
    item: outbox.item(notice),
  });

function readUrl(body: string): string | null | undefined {
  try {
    const { url } = JSON.parse(body) as { url?: unknown };
    if (url === null) return null;
    return typeof url === 'string' && /^https?:/.test(url) && URL.canParse(url) ? url : undefined;
  } catch {
    return undefined;
  }
}

function answer(reply: Reply, status: number, body: object): void {
  reply.send(status, [...JSON_HEADERS], JSON.stringify(body));
}
