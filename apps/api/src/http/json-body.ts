import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { jsonHoldsPan, mayHoldPan } from '../card-data/pan-guard';
import { MAX_BODY_BYTES } from '../config/limits';
import { Problem } from './problem';

const malformed = (detail: string): Problem => new Problem('malformed_body', { detail });

/** RFC 8259 section 8.1: JSON between systems is UTF-8; a client that says otherwise would be misread. */
const OTHER_CHARSET = /;\s*charset\s*=\s*(?!"?utf-?8"?\s*(?:;|$))/i;

/**
 * JSON as RFC 8259 has it. Two sharp edges are accepted and stated in the documentation: of a key that stands twice the
 * last one counts, and a number is what IEEE 754 makes of it (`1e3` is 1000).
 *
 * @throws Problem for anything else, and for a card number anywhere inside
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw malformed('The body is empty.');
  if (!isUtf8(bytes)) throw malformed('The body is not UTF-8.');
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    // the parser's own message quotes the body
    throw malformed('The body is not well-formed JSON.');
  }
  if (mayHoldPan(bytes) && jsonHoldsPan(json)) throw new Problem('card_data_forbidden');
  return json;
}

/** Fastify's own text and JSON parsers go: `text/plain` is no JSON, and theirs lets invalid UTF-8 through as U+FFFD. */
export function acceptJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    (request: FastifyRequest, bytes: Buffer, done: (error: Error | null, body?: unknown) => void) => {
      // nobody reads the body of an unknown route, and a signature is over the bytes as they came
      if (request.is404 || request.routeOptions.config.rawBody === true) {
        done(null, bytes);
        return;
      }
      try {
        if (OTHER_CHARSET.test(request.headers['content-type'] ?? ''))
          throw new Problem('unsupported_media_type');
        done(null, parseJson(bytes));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

/** No body asks for the defaults, as an empty object does. */
export const bodyOf = ({ body }: Pick<FastifyRequest, 'body'>): unknown => body ?? {};
