import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The PSPs' published test cards, in groups, so that no file of ours holds a card number. */
const GROUPS: readonly (readonly string[])[] = [
  ['4242', '4242', '4242', '4242'],
  ['4000', '0566', '5566', '5556'],
  ['5555', '5555', '5555', '4444'],
  ['2223', '0031', '2200', '3222'],
  ['3782', '822463', '10005'],
  ['3056', '9300', '0902', '0004'],
  ['3566', '0020', '2036', '0505'],
  ['6011', '1111', '1111', '1117'],
];

const SEPARATORS = ['', ' ', '-'];

/** Each number in the spellings that people use. */
export const TEST_CARDS: readonly string[] = GROUPS.flatMap((groups) =>
  SEPARATORS.map((separator) => groups.join(separator)),
);

/** Each number once, the spellings taking turns. */
export const CARDS_IN_TURN: readonly string[] = GROUPS.map((groups, index) =>
  groups.join(SEPARATORS[index % SEPARATORS.length]),
);

/** Every file below a folder that holds one of the texts, as `file: text`. */
export function filesWith(folder: string, texts: readonly string[]): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    const bytes = readFileSync(file);
    return texts.filter((text) => bytes.includes(text)).map((text) => `${file}: ${text}`);
  });
}
