import { concurrentAppends, expectedRevisions, refusedAppends, repeatedAppends } from './appends.contract';
import { OpenedLog } from './fixture';
import { groups } from './groups.contract';
import { pages, streamReads, versions } from './reads.contract';
import { deliveries, endings } from './subscriptions.contract';

/**
 * What Tender relies on of an event log, whoever provides it. The store may hold other data and other writers: each test
 * looks at streams of its own.
 */
export function describeEventLog(name: string, open: () => Promise<OpenedLog>): void {
  describe(`event log: ${name}`, () => {
    let current: OpenedLog | undefined;
    const opened = (): OpenedLog => {
      if (current === undefined) throw new Error('the log is not open');
      return current;
    };
    beforeAll(async () => {
      current = await open();
    });
    afterAll(async () => {
      await current?.close();
    });

    expectedRevisions(opened);
    repeatedAppends(opened);
    concurrentAppends(opened);
    refusedAppends(opened);
    streamReads(opened);
    pages(opened);
    versions(opened);
    deliveries(opened);
    endings(opened);
    groups(opened);
  });
}
