import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { WebhookDesk } from './webhook-desk';
import { WEBHOOK_STORIES, type WebhookStory } from './webhook-stories';
import { webhooksPage, type ToldWebhookStory } from './webhooks-page';

const PAGE = path.resolve(__dirname, '../../docs/webhooks.md');

async function told(story: WebhookStory): Promise<ToldWebhookStory> {
  const desk = await new WebhookDesk().open();
  try {
    await story.tell(desk);
    const { happenings } = desk;
    expect(desk.storedTwice()).toEqual([]);
    const refused = happenings.filter(({ answers }) => [401, 404].some((status) => answers.has(status)));
    expect(refused.filter(({ recorded }) => recorded.length > 0)).toEqual([]);
    expect(await desk.recordedByReplay()).toBe(0);
    return { story, happenings };
  } finally {
    await desk.close();
  }
}

describe('a notice of a PSP', () => {
  it('is treated in every case as docs/webhooks.md tells', async () => {
    const stories: ToldWebhookStory[] = [];
    for (const story of WEBHOOK_STORIES) stories.push(await told(story));
    const page = webhooksPage(stories);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  }, 60_000);
});
