const path = require('node:path');
// Jest's own, whatever version that has
const { default: Sequencer } = require(
  require.resolve('@jest/test-sequencer', { paths: [require.resolve('jest')] }),
);

/**
 * A machine that has not run them before sorts files by their size, and the longest of all is a short text: started last,
 * it runs alone while the other cores idle. In the order in which they start, of all projects.
 */
const LONGEST = [
  'test/chaos/chaos-run.spec.ts',
  // these mostly wait: beside them the cores are free
  'test/contract/psp/stripe.contract.spec.ts',
  'test/contract/psp/adyen.contract.spec.ts',
  'test/contract/readmodels/read-models.spec.ts',
  'test/chaos/process-kill.spec.ts',
  'test/e2e/after-sales.spec.ts',
  'test/chaos/worker-fleet.spec.ts',
  'test/e2e/verify-and-rebuild.spec.ts',
  'test/contract/readmodels/verify.spec.ts',
  'test/chaos/stack-stop.spec.ts',
  'test/contract/psp/adyen-otherwise.contract.spec.ts',
  'test/contract/timers/timers.spec.ts',
  'test/e2e/idempotency.spec.ts',
  'test/e2e/impatient-worker.spec.ts',
  'test/e2e/refused-requests.spec.ts',
  'test/e2e/payments.spec.ts',
  'test/contract/readmodels/ledger-faults.spec.ts',
  'test/contract/eventstore/event-log.spec.ts',
];

const placeOf = ({ path: file, context }) => {
  const place = LONGEST.indexOf(path.relative(context.config.rootDir, file).split(path.sep).join('/'));
  return place === -1 ? LONGEST.length : place;
};

module.exports = class LongestFirst extends Sequencer {
  static LONGEST = LONGEST;

  sort(tests) {
    return [...super.sort(tests)].sort((one, other) => placeOf(one) - placeOf(other));
  }
};
