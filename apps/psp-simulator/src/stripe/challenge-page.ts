import type { RawHeaders, Reply, Request } from '../http-listener';
import { parseForm } from './form';
import { challenged, clientSecret, type Intent } from './intent';
import type { StripeSimulation } from './simulation';
import { testPaymentMethod } from './test-payment-methods';

const PREFIX = '/_sim/3ds/';
const HTML: readonly string[] = ['Content-Type', 'text/html; charset=utf-8'];

/**
 * The page that stands in for the card issuer's 3-D Secure challenge: `GET /_sim/3ds/:intent` shows it, a POST with
 * `result=pass` or `result=fail` ends it and sends the payer back to the merchant. False when the path is not one.
 */
export function handleChallenge(sim: StripeSimulation, request: Request, reply: Reply): boolean {
  if (!request.path.startsWith(PREFIX)) return false;
  const nowMs = sim.clock.nowMs();
  const intent = sim.intents.get(request.path.slice(PREFIX.length), nowMs);
  if (intent === undefined) {
    page(reply, 404, 'There is no such payment.');
  } else if (request.method === 'GET') {
    page(
      reply,
      200,
      intent.status === 'requires_action' ? form(intent) : 'There is nothing left to confirm.',
    );
  } else if (request.method === 'POST') {
    const result = parseForm(request.body)?.result;
    if (result === 'pass' || result === 'fail') finish(sim, intent, result === 'pass', nowMs, reply);
    else page(reply, 400, 'The result is pass or fail.');
  } else {
    page(reply, 405, 'GET or POST.');
  }
  return true;
}

function finish(sim: StripeSimulation, intent: Intent, passed: boolean, nowMs: number, reply: Reply): void {
  if (intent.status !== 'requires_action') {
    page(reply, 409, 'There is nothing left to confirm.');
    return;
  }
  const behaviour = testPaymentMethod(intent.paymentMethod ?? '')?.behaviour ?? { kind: 'approve' };
  const after = challenged(intent, passed, behaviour, sim.ids.next('ch'), nowMs);
  sim.commit({ intent: after, kept: null, cause: null }, () => {
    const back = returnTarget(after);
    if (back === undefined) page(reply, 200, passed ? 'Authentication complete.' : 'Authentication failed.');
    else reply.send(303, ['Location', back], '');
  });
}

/** As Stripe does: the merchant's page learns the intent and how it ended. Source: Stripe docs, "Handle redirect". */
function returnTarget(intent: Intent): string | undefined {
  if (intent.returnUrl === null || !URL.canParse(intent.returnUrl)) return undefined;
  const target = new URL(intent.returnUrl);
  target.searchParams.set('payment_intent', intent.id);
  target.searchParams.set('payment_intent_client_secret', clientSecret(intent));
  target.searchParams.set('redirect_status', intent.lastError === null ? 'succeeded' : 'failed');
  return target.href;
}

function form(intent: Intent): string {
  const amount = `${intent.amount} ${intent.currency.toUpperCase()}`;
  return (
    `<p>Confirm ${amount} for ${intent.id}?</p><form method="post">` +
    '<button name="result" value="pass">Complete</button> <button name="result" value="fail">Fail</button></form>'
  );
}

function page(reply: Reply, status: number, content: string): void {
  const headers: RawHeaders = [...HTML];
  reply.send(status, headers, `<!doctype html><title>3-D Secure test page</title><main>${content}</main>`);
}
