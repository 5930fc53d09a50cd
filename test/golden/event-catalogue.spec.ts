import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_CATALOG, type EventType } from '@tender/domain';
import { renderCatalogue, type Sample } from './event-catalogue';

const PAGE = join(__dirname, '..', '..', 'docs', 'events.md');

const sampleOf = (type: EventType): Sample => {
  const file = join(__dirname, 'events', `${type}.v${EVENT_CATALOG[type].version}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Sample;
};

describe('docs/events.md', () => {
  const rendered = renderCatalogue(sampleOf);

  it('is what the catalogue and the samples say', () => {
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, rendered);
    expect(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '').toBe(rendered);
  });

  it('has a section for every event, with every field of its sample', () => {
    const sections = rendered.split(/^## /m).slice(1);
    expect(sections.map((section) => section.split('\n')[0])).toEqual(Object.keys(EVENT_CATALOG));
    for (const section of sections) {
      const [type = ''] = section.split('\n');
      for (const field of Object.keys(sampleOf(type as EventType))) {
        expect(section).toMatch(new RegExp(`^\\| \`${field}[.\`[]`, 'm'));
      }
    }
  });

  it('changes with a sample', () => {
    const changed = renderCatalogue((type) => ({ ...sampleOf(type), added: 'x' }));
    expect(changed).not.toBe(rendered);
    expect(changed).toContain('| `added` | string | `"x"` |');
  });
});
