import { LedgerModels, type ReadStore } from '@tender/readmodels';
import { EXIT, type ExitCode } from '../exit-codes';
import type { Terminal } from '../terminal';

/** What the books stand at, and whether somebody has stopped them. */
export async function ledgerStatus(store: ReadStore, terminal: Terminal): Promise<ExitCode> {
  const { live, halted } = await new LedgerModels(store).pointer();
  terminal.out(`live: ${live}`);
  terminal.out(
    halted === undefined ? 'not halted' : `halted at ${halted.at.toISOString()}: ${halted.reason}`,
  );
  return halted === undefined ? EXIT.ok : EXIT.divergence;
}

/** An operator has looked at why the books were stopped: they go on. */
export async function ledgerResume(store: ReadStore, terminal: Terminal): Promise<ExitCode> {
  const models = new LedgerModels(store);
  const { halted } = await models.pointer();
  if (halted === undefined) {
    terminal.out('the ledger is not halted');
    return EXIT.ok;
  }
  await models.clearHalt();
  terminal.out(`the ledger goes on; it was halted at ${halted.at.toISOString()}: ${halted.reason}`);
  return EXIT.ok;
}
