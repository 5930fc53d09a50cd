import { hasEnded } from './audit';
import { learn, viewOf, type OpenStory } from './key-stories';
import { KeepAliveClient, type Reply } from './keep-alive-client';

/** Everything accepted must have ended this long after the load, ms: the ladder's first rungs are within it. */
const DRAIN_WITHIN_MS = 60_000;
const LOOK_AGAIN_AFTER_MS = 200;
/** Requests at a time: the check comes after the measurement, but must not drown the server. */
const IN_FLIGHT = 32;

/**
 * Asks every payment how it ended: a request without a settled answer is sent again under its key, as a merchant would,
 * until it is settled; then each one is read once more.
 */
export async function drain(
  apiUrl: string,
  apiKey: string,
  stories: readonly OpenStory[],
  onProgress: (checked: number) => void,
): Promise<void> {
  const client = new KeepAliveClient(apiUrl, apiKey);
  const deadline = performance.now() + DRAIN_WITHIN_MS;
  const post = ({ key, body }: OpenStory): Promise<Reply> =>
    new Promise((resolve) => {
      client.post('/v1/payments', key, body, resolve);
    });
  const get = (id: string): Promise<Reply> =>
    new Promise((resolve) => {
      client.get(`/v1/payments/${id}`, resolve);
    });
  const inspect = async (story: OpenStory): Promise<void> => {
    for (;;) {
      if (story.settled === undefined) learn(story, await post(story));
      const [id] = story.answeredIds;
      const reply = id === undefined ? undefined : await get(id);
      if (reply?.status === 200) story.present = viewOf(reply.body);
      const { settled, present } = story;
      const ended = settled !== undefined && present !== undefined && hasEnded(present.status);
      if (ended || performance.now() > deadline) return;
      await pause();
    }
  };
  try {
    let next = 0;
    let checked = 0;
    const inspectNext = async (): Promise<void> => {
      for (let story = stories[next++]; story !== undefined; story = stories[next++]) {
        await inspect(story);
        checked += 1;
        onProgress(checked);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, inspectNext));
  } finally {
    client.close();
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_AFTER_MS));
