import { checkpoints } from './checkpoints.contract';
import { competingProjectors } from './competing.contract';
import { lists } from './lists.contract';
import { openFlows } from './open-flows.contract';
import { disputes } from './disputes.contract';
import type { OpenServer } from './open-server';
import { parkedNotices } from './parked-notices.contract';
import { projections } from './projections.contract';
import { refunds } from './refunds.contract';

/** What read models rely on of a server, on every server they may meet. */
export function describeReadModels(open: () => Promise<OpenServer>, embedded: boolean): void {
  let server: OpenServer | undefined;
  const opened = (): OpenServer => {
    if (server === undefined) throw new Error('not open');
    return server;
  };
  beforeAll(async () => {
    server = await open();
  });
  afterAll(async () => {
    await server?.close();
  });

  it('tells whether the server is the embedded one', async () => {
    expect(await (await opened().freshStore()).isEmbedded()).toBe(embedded);
  });
  projections(opened);
  competingProjectors(opened);
  lists(opened);
  openFlows(opened);
  parkedNotices(opened);
  refunds(opened);
  disputes(opened);
  checkpoints(opened);
}
