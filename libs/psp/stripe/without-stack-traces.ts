/**
 * stripe-node renders a stack trace at every call, in case the call fails: a tenth of a call's CPU, and several times
 * more where source maps are on. Our failures are closed outcomes and need none. The limit is global, so it is put
 * back before anything else can run.
 *
 * @param start must do its synchronous part only; what it awaits runs with traces
 */
export function withoutStackTraces<T>(start: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return start();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
