import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHART, TEMPLATES, templateId, type TemplateLine } from '@tender/domain';

const FILE = join(__dirname, 'ledger-templates.json');

type Kept = Readonly<Record<string, unknown>>;

/** What an account is keyed by is told by the chart where the line does not: that is a part of the template, too. */
const keyOf = ({ account, key }: TemplateLine): string | null => key ?? CHART[account].key;

const asStored = (): Kept =>
  Object.fromEntries(
    TEMPLATES.map((one) => {
      const { layer, lines, signed = [] } = one;
      const keyed = lines.map((line) => ({ ...line, key: keyOf(line) }));
      return [templateId(one), { layer, signed, lines: keyed }];
    }),
  );

const kept = (): Kept => (existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Kept) : {});

/** Journals that were made stay as they were made, and are made again the same: so what makes them is kept, too. */
describe('a template', () => {
  it('that is kept is never changed, and every new one is kept', () => {
    const stored = kept();
    // what is kept already wins: a changed template needs a new version, and not a new golden file
    if (process.env.UPDATE_GOLDEN === '1') {
      writeFileSync(FILE, `${JSON.stringify({ ...asStored(), ...stored }, null, 2)}\n`);
    }
    expect(kept()).toEqual(JSON.parse(JSON.stringify(asStored())));
  });
});
