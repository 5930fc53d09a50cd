import { LocalStack, newDataDirectory, STACK_HOOK_TIMEOUT_MS, type Variables } from './local-stack';

let variables: Variables | undefined;
let starting: Promise<LocalStack> | undefined;

/**
 * One stack for all scenarios of a spec file, which run one after another: to start its processes costs more than most
 * scenarios do. To be called once, after the scenarios are imported, so that it ends after whatever they end.
 *
 * @param ofAll for every process of the stack
 */
export function shareStack(ofAll: Variables = {}): void {
  variables = ofAll;
  afterAll(async () => {
    await (await starting)?.destroy();
  }, STACK_HOOK_TIMEOUT_MS);
}

/** The first scenario that needs it starts it. */
export function sharedStack(): Promise<LocalStack> {
  if (variables === undefined) throw new Error('a scenario is run by a spec that shares a stack');
  return (starting ??= LocalStack.start(newDataDirectory(), variables));
}
