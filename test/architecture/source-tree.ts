import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(__dirname, '../..');

/** The violations planted for these very tests are no part of the tree they are about. */
const plantedFolder = 'test/architecture/planted/';

const unread = new Set(['node_modules', 'dist', '.cache', '.data', 'coverage', '.git']);

/** A file as the rules see it: its path from the root with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The paths of all files below a folder of the repository, or below another root. */
export const pathsIn = (folder: string, from = root): readonly string[] => {
  const found: string[] = [];
  const walk = (relative: string): void => {
    for (const entry of readdirSync(path.join(from, relative), { withFileTypes: true })) {
      const child = `${relative}/${entry.name}`;
      if (entry.isDirectory() && !unread.has(entry.name)) walk(child);
      else if (entry.isFile() && !child.startsWith(plantedFolder)) found.push(child);
    }
  };
  walk(folder);
  return found.sort();
};

export const readSource = (file: string, from = root): SourceFile => ({
  path: file,
  text: readFileSync(path.join(from, file), 'utf8'),
});
