import type { FastifyInstance, FastifyRequest } from 'fastify';
import { jsonHoldsPan } from '../card-data/pan-guard';
import { MAX_BODY_BYTES } from '../config/limits';
import { Problem } from './problem';

/**
 * What a browser posts by itself, on the routes that say so. Of a name that stands twice the first counts.
 *
 * @throws Problem for a card number anywhere inside
 */
export function parseForm(bytes: Buffer): Readonly<Record<string, string>> {
  const form: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(bytes.toString('utf8'))) form[name] ??= value;
  if (jsonHoldsPan(form)) throw new Problem('card_data_forbidden');
  return form;
}

export function acceptForms(server: FastifyInstance): void {
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    (request: FastifyRequest, bytes: Buffer, done: (error: Error | null, body?: unknown) => void) => {
      try {
        if (request.routeOptions.config.formBody !== true) throw new Problem('unsupported_media_type');
        done(null, parseForm(bytes));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}
