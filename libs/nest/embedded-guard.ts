import { UnknownEventType, type EventLog } from '@tender/eventstore';

/** The embedded event store writes this stream at its first start; its event is in no catalogue of ours. */
const EMBEDDED_MARKER_STREAM = '$tender-embedded';

/**
 * The embedded servers are one process on one disk: right for a laptop and for tests, not for other people's
 * money. Unless `allowed` (`ALLOW_EMBEDDED=1`), a start on one of them is refused.
 */
export async function refuseEmbeddedServers(
  stores: { readonly log: EventLog; readonly readStore: { isEmbedded(): Promise<boolean> } },
  allowed: boolean,
): Promise<void> {
  if (allowed) return;
  const found = [
    ...((await stores.readStore.isEmbedded()) ? ['MONGODB_URI points at the embedded read store'] : []),
    ...((await isEmbeddedLog(stores.log)) ? ['EVENTSTORE_URL points at the embedded event store'] : []),
  ];
  if (found.length > 0) {
    throw new Error(
      `${found.join(' and ')}: use real servers, or set ALLOW_EMBEDDED=1 where no real money moves`,
    );
  }
}

async function isEmbeddedLog(log: EventLog): Promise<boolean> {
  try {
    return (await log.readStream(EMBEDDED_MARKER_STREAM)).length > 0;
  } catch (error) {
    if (error instanceof UnknownEventType) return true;
    throw error;
  }
}
