/**
 * A block that needs something this machine may lack.
 * Nothing is skipped in silence: the reason goes into the title, and the summary of `npm test` prints it.
 * @param missing why the block cannot run here, best as the one command that would let it; nothing when it can
 */
export const describeUnless = (missing: string | undefined, name: string, body: () => void): void => {
  if (missing === undefined) {
    describe(name, body);
    return;
  }
  // a bracket inside the reason would end it early
  describe.skip(`[not run: ${missing.replace(/[[\]]/g, '').replace(/\s+/g, ' ')}] ${name}`, body);
};
