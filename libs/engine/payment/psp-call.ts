import type {
  OperationOutcome,
  OperationRequest,
  PaymentCommand,
  PaymentEffect,
  PspGateway,
} from '@tender/domain';

/** An effect that a PSP is asked by. */
export type PspEffect = Extract<PaymentEffect, { readonly psp: unknown }>;

export const isPspEffect = (effect: PaymentEffect): effect is PspEffect => 'psp' in effect;

/**
 * Asks the PSP, and says what has to be recorded of its answer. A gateway never throws: every ending is an outcome.
 *
 * @param surelyFirstSend whether nobody can have sent this request before
 * @param now RFC 3339
 */
export async function askPsp(
  gateway: PspGateway,
  effect: PspEffect,
  surelyFirstSend: boolean,
  now: () => string,
): Promise<PaymentCommand> {
  const { lookupSettlesAfterMs: settlesAfterMs } = gateway;
  switch (effect.kind) {
    case 'authorize':
    case 'complete_action': {
      const { attemptId } = effect.request;
      const outcome =
        effect.kind === 'authorize'
          ? await gateway.authorize(effect.request)
          : await gateway.completeAction(effect.request);
      return {
        type: 'RecordAttemptOutcome',
        data: { attemptId, outcome, heardBy: 'reply', surelyFirstSend, heardAt: now() },
      };
    }
    case 'lookup': {
      const { attemptId } = effect.request;
      const askedAt = now();
      const answer = await gateway.lookup(effect.request);
      return { type: 'RecordLookup', data: { attemptId, answer, askedAt, settlesAfterMs } };
    }
    case 'operate': {
      const { operationId } = effect.request;
      const outcome = await operated(gateway, effect.request);
      return {
        type: 'RecordOperationOutcome',
        data: { operationId, outcome, heardAt: now(), settlesAfterMs },
      };
    }
    case 'lookup_operation': {
      const { operationId } = effect.request;
      const askedAt = now();
      const answer = await gateway.lookupOperation(effect.request);
      return { type: 'RecordOperationLookup', data: { operationId, answer, askedAt, settlesAfterMs } };
    }
  }
}

function operated(gateway: PspGateway, request: OperationRequest): Promise<OperationOutcome> {
  switch (request.kind) {
    case 'capture':
      return gateway.capture(request);
    case 'cancel':
      return gateway.cancel(request);
    case 'reversal':
      return gateway.reverse(request);
  }
}
