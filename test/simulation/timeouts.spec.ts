import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { STORY_PAYMENT_ID, told } from './crash-points';
import { TIMEOUT_STORIES, type TimeoutStory } from './timeout-stories';
import { timeoutsPage, type ToldStory } from './timeouts-page';

const PAGE = path.resolve(__dirname, '../../docs/timeouts.md');

async function tellOnce(story: TimeoutStory): Promise<ToldStory> {
  let died = false;
  const world = await told(story, (_process, call, when) => {
    const dies = !died && call === story.dies?.call && when === story.dies.when;
    died ||= dies;
    return dies;
  });
  expect(world.violations).toEqual([]);
  const { auditor } = world;
  const held = auditor.charges
    .heldFor(STORY_PAYMENT_ID)
    .map(({ amountMinor }) => `a charge of ${amountMinor}`);
  return { story, notes: auditor.historyOf(STORY_PAYMENT_ID), held };
}

describe('a charge call without an answer', () => {
  it('is never made twice and never lost, as docs/timeouts.md tells', async () => {
    const stories: ToldStory[] = [];
    for (const story of TIMEOUT_STORIES) stories.push(await tellOnce(story));
    const page = timeoutsPage(stories);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  }, 60_000);
});
