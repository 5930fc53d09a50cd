import type { Reply, Request } from './http-listener';
import type { Entry } from './delivery';
import type { Outbox } from './outbox';

/** What the routes need of a simulated PSP. */
export interface Telling<News extends object> {
  readonly outbox: Outbox<News>;
  /** The news as it is sent. */
  shown(entry: Entry<News>): object;
  isSecret(text: string): boolean;
  settled(done: () => void): void;
}

const JSON_HEADERS = ['Content-Type', 'application/json'] as const;

/**
 * `GET /_sim/outbox` shows the news, due or not, delivered or not, as it is sent; `GET` and `PUT /_sim/webhooks
 * { "url"?: "http://…" | null, "secret"?: "…" }` say where it goes and what signs it. False when the path is none of them.
 */
export function handleOutbox<News extends object>(
  sim: Telling<News>,
  request: Request,
  reply: Reply,
): boolean {
  const { outbox } = sim;
  switch (`${request.method} ${request.path}`) {
    case 'GET /_sim/outbox':
      sim.settled(() => {
        const rows = outbox.all().map((entry) => ({ ...delivery(entry), ...sim.shown(entry) }));
        answer(reply, 200, rows);
      });
      return true;
    case 'GET /_sim/webhooks':
      answer(reply, 200, { url: outbox.url });
      return true;
    case 'PUT /_sim/webhooks': {
      const wanted = readWebhooks(request.body, (text) => sim.isSecret(text));
      if (typeof wanted === 'string') answer(reply, 400, { error: { message: wanted } });
      else {
        if (wanted.secret !== undefined) outbox.secret = wanted.secret;
        if (wanted.url !== undefined) outbox.url = wanted.url;
        answer(reply, 200, { url: outbox.url });
      }
      return true;
    }
    default:
      return false;
  }
}

function delivery<News>({ dueMs, attempts, nextMs, deliveredMs }: Entry<News>): object {
  return {
    due_at: new Date(dueMs).toISOString(),
    attempts,
    next_at: deliveredMs === null ? new Date(nextMs).toISOString() : null,
    delivered_at: deliveredMs === null ? null : new Date(deliveredMs).toISOString(),
  };
}

interface Webhooks {
  readonly url?: string | null;
  readonly secret?: string;
}

/** What is asked for, or what is wrong with it. */
function readWebhooks(body: string, isSecret: (text: string) => boolean): Webhooks | string {
  const { url, secret } = parsed(body);
  if (url === undefined && secret === undefined) return 'needs url: http(s)://… or null, or secret, or both';
  if (url !== undefined && url !== null && !isUrl(url)) return 'url is http(s)://… or null';
  if (secret !== undefined && !(typeof secret === 'string' && isSecret(secret))) {
    return 'secret is not one of this PSP';
  }
  return { ...(url !== undefined && { url }), ...(secret !== undefined && { secret }) };
}

const isUrl = (url: unknown): url is string =>
  typeof url === 'string' && /^https?:/.test(url) && URL.canParse(url);

function parsed(body: string): { readonly url?: unknown; readonly secret?: unknown } {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === 'object' && json !== null ? json : {};
  } catch {
    return {};
  }
}

function answer(reply: Reply, status: number, body: object): void {
  reply.send(status, [...JSON_HEADERS], JSON.stringify(body));
}
