import type { RawHeaders, Reply, Request } from '../http-listener';
import { redirectResultOf } from './pay';
import type { Payment } from './payment';
import type { AdyenSimulation } from './simulation';

const PREFIX = '/_sim/3ds/';

/**
 * The page that stands in for the card issuer's challenge: `GET /_sim/3ds/:pspReference` shows it, a POST with
 * `result=pass` or `result=fail` ends it and sends the payer back with a `redirectResult`, which the merchant hands in
 * at `/payments/details`. Until then nothing is authorised. False when the path is not one.
 */
export function handleChallenge(sim: AdyenSimulation, request: Request, reply: Reply): boolean {
  if (!request.path.startsWith(PREFIX)) return false;
  const payment = sim.payments.get(request.path.slice(PREFIX.length));
  if (payment === undefined) page(reply, 404, 'There is no such payment.');
  else if (payment.resultCode !== 'RedirectShopper' || payment.challenge !== null) {
    page(reply, 409, 'There is nothing left to confirm.');
  } else if (request.method === 'GET') page(reply, 200, form(payment));
  else if (request.method === 'POST') finish(sim, payment, request.body, reply);
  else page(reply, 405, 'GET or POST.');
  return true;
}

function finish(sim: AdyenSimulation, payment: Payment, body: string, reply: Reply): void {
  const challenge = new URLSearchParams(body).get('result');
  if (challenge !== 'pass' && challenge !== 'fail') {
    page(reply, 400, 'The result is pass or fail.');
    return;
  }
  const after: Payment = { ...payment, rev: payment.rev + 1, challenge };
  sim.commit({ payment: after, news: [], kept: null }, () => {
    if (!URL.canParse(after.returnUrl)) {
      page(reply, 200, 'The payment has no address to return to.');
      return;
    }
    const back = new URL(after.returnUrl);
    back.searchParams.set('redirectResult', redirectResultOf(after) ?? '');
    reply.send(303, ['Location', back.href], '');
  });
}

function form({ value, currency, pspReference }: Payment): string {
  return (
    `<p>Confirm ${value} ${currency} for ${pspReference}?</p><form method="post">` +
    '<button name="result" value="pass">Complete</button> <button name="result" value="fail">Fail</button></form>'
  );
}

function page(reply: Reply, status: number, content: string): void {
  const headers: RawHeaders = ['Content-Type', 'text/html; charset=utf-8'];
  reply.send(status, headers, `<!doctype html><title>3-D Secure test page</title><main>${content}</main>`);
}
