import path from 'node:path';
import type { SourceFile } from './source-tree';

/** One breach of one rule: where, and what is wrong there. */
export type Breach = string;

/** A rule looks at all files at once, as some rules are about folders. */
export type TidyRule = (files: readonly SourceFile[]) => readonly Breach[];

export const maxLines = 500;

const isCode = ({ path: file }: SourceFile): boolean => /\.(ts|tsx|mjs|cjs|js|css)$/.test(file);

const perFile =
  (applies: (file: SourceFile) => boolean, breachesOf: (file: SourceFile) => readonly string[]): TidyRule =>
  (files) =>
    files.filter(applies).flatMap((file) => breachesOf(file).map((breach) => `${file.path}: ${breach}`));

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** Every match of a pattern with the g flag, by line. */
const matches = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map((match) => `line ${lineAt(text, match.index)}: ${match[0].trim()}`);

export const noLongFiles: TidyRule = perFile(isCode, ({ text }) => {
  const lines = text.replace(/\n$/, '').split('\n').length;
  return lines > maxLines ? [`${lines} lines, ${maxLines} are the limit`] : [];
});

/**
 * What may stand between a file's name and its extension: the part that the file plays.
 * A new word is welcome when it is a part that several files play.
 */
const suffixes = new Set([
  ...['spec', 'd', 'app', 'config', 'fixture', 'contract', 'conversation', 'property', 'scenario', 'schema'],
  ...[
    'commands',
    'decider',
    'events',
    'evolve',
    'process',
    'projection',
    'invariants',
    'state',
    'templates',
    'transitions',
  ],
  ...['controller', 'dto', 'filter', 'guard', 'interceptor', 'middleware', 'module', 'pipe', 'provider'],
  ...[
    'handler',
    'queries',
    'query',
    'client',
    'gateway',
    'port',
    'reports',
    'routes',
    'server',
    'store',
    'webhooks',
  ],
]);

const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const configurationFile = /^\.?[A-Za-z0-9.-]+\.(json|md|yml|yaml)$|^Dockerfile$|^\.[a-z]+ignore$/;

/** Golden files are named after the event types that they keep. */
const goldenFolder = 'test/golden/';

export const kebabNames: TidyRule = (files) =>
  files.flatMap((file) => {
    const folders = path.dirname(file.path).split('/');
    const badFolders = folders.filter((folder) => folder !== '.' && !kebab.test(folder));
    if (badFolders.length > 0) return [`${file.path}: folder ${badFolders.join(', ')} is not kebab-case`];
    if (!isCode(file)) return [];
    const [name = '', ...middle] = path.basename(file.path, path.extname(file.path)).split('.');
    if (!kebab.test(name)) return [`${file.path}: ${name} is not kebab-case`];
    return middle
      .filter((suffix) => !suffixes.has(suffix))
      .map((suffix) => `${file.path}: .${suffix} is no known suffix`);
  });

export const plainDataNames: TidyRule = perFile(
  (file) => !isCode(file) && !file.path.startsWith(goldenFolder),
  ({ path: file }) => {
    const base = path.basename(file);
    const [name = ''] = base.split('.');
    return kebab.test(name) || configurationFile.test(base)
      ? []
      : ['is neither kebab-case nor a configuration file'];
  },
);

/** Names that say nothing: what lies there could lie anywhere, so everything ends up there. */
const emptyNames = /^(common|shared|utils?|helpers?|base|misc|lib|types)$/;

export const noEmptyNames: TidyRule = (files) =>
  files.flatMap(({ path: file }) =>
    file
      .split('/')
      .flatMap((segment) => segment.split('.'))
      .filter((word) => emptyNames.test(word))
      .map((word) => `${file}: "${word}" names nothing`),
  );

/** Folders that hold one file because a tool or the layout wants them, with the reason. */
export type OneFileFolders = ReadonlyMap<string, string>;

/** A folder is counted with everything below it; a spec belongs to the file it is about. */
export const noOneFileFolders =
  (exceptions: OneFileFolders): TidyRule =>
  (files) => {
    const counts = new Map<string, number>();
    for (const source of files) {
      const file = source.path;
      if (!/^(apps|libs)\//.test(file) || !isCode(source) || file.endsWith('.spec.ts')) continue;
      for (let folder = path.dirname(file); folder.includes('/'); folder = path.dirname(folder)) {
        counts.set(folder, (counts.get(folder) ?? 0) + 1);
      }
    }
    return [...counts]
      .filter(([folder, count]) => count === 1 && !exceptions.has(folder))
      .map(([folder]) => `${folder}: holds one file`);
  };

/** An exception that no longer excuses anything is a leftover. */
export const staleExceptions =
  (exceptions: OneFileFolders): TidyRule =>
  (files) => {
    const found = new Set(noOneFileFolders(new Map())(files).map((breach) => breach.split(':')[0]));
    return [...exceptions.keys()]
      .filter((folder) => !found.has(folder))
      .map((folder) => `${folder}: needs no exception`);
  };

const barrelHomes = /^libs\/(?:[^/]+|(?:psp|embedded|nest)\/[^/]+)\/index\.ts$/;

export const barrelsAtTheTop: TidyRule = perFile(
  ({ path: file }) => path.basename(file) === 'index.ts',
  ({ path: file }) => (barrelHomes.test(file) ? [] : ['a barrel belongs at the top of a lib']),
);

/** The files that plant breaches to prove these rules and the linter's. */
const plantBreaches = new Set(['test/architecture/tidy.spec.ts', 'test/architecture/lint-plants.ts']);

/** The one file that may skip, as it says why. */
const skipsWithReason = 'test/not-run.ts';

const unfinished = new RegExp(
  [
    String.raw`\b(?:describe|it|test)(?:\.each|\.concurrent)?\.(?:only|skip|todo|failing)\b`,
    String.raw`\b(?:fdescribe|fit|xdescribe|xit|xtest)\(`,
    // in two halves, or this line would be its own breach
    String.raw`\b(?:TO` + String.raw`DO|FIX` + String.raw`ME)\b`,
  ].join('|'),
  'g',
);

export const nothingUnfinished: TidyRule = perFile(
  (file) => isCode(file) && file.path !== skipsWithReason && !plantBreaches.has(file.path),
  ({ text }) => matches(text, unfinished),
);

/** The ranges of the large card schemes (ISO/IEC 7812 issuer prefixes) and their lengths; 13 to 19 digits, maybe grouped. */
const cardNumber =
  /(?<![\w.-])(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|3[47]\d{2}|3[068]\d{2}|35\d{2}|6(?:011|5\d{2}|4[4-9]\d))(?:[ -]?\d){9,15}(?![\w-])/g;

/** ISO/IEC 7812-1 annex B: every second digit from the right doubled, the sum divisible by ten. */
const passesLuhn = (digits: string): boolean => {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
};

/** @param allowed files that need the PSPs' published test numbers, to prove that such numbers are refused or masked */
export const noCardNumbers = (allowed: ReadonlySet<string>): TidyRule =>
  perFile(
    ({ path: file }) => !allowed.has(file),
    ({ text }) =>
      [...text.matchAll(cardNumber)]
        .filter(([found]) => passesLuhn(found.replace(/\D/g, '')))
        // the number itself stays out of the report
        .map(({ index }) => `line ${lineAt(text, index)}: a card number`),
  );

/** Split for the same reason as above. */
const machinePath = new RegExp(
  String.raw`(?<![\w.)}-])/(?:wo` + String.raw`rk|ro` + String.raw`ot|ho` + String.raw`me)/[\w.-]*`,
  'g',
);

export const noMachinePaths: TidyRule = perFile(
  ({ path: file }) => !plantBreaches.has(file),
  ({ text }) => matches(text, machinePath),
);

const link = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const codeBlock = /^(```|~~~)[\s\S]*?^\1/gm;
const elsewhere = /^(?:[a-z][a-z0-9+.-]*:|#|\/\/)/i;

/** @param exists whether a path from the root, file or folder, is there */
export const noDeadLinks = (exists: (file: string) => boolean): TidyRule =>
  perFile(
    ({ path: file }) => file.endsWith('.md'),
    ({ path: file, text }) =>
      [...text.replace(codeBlock, '').matchAll(link)]
        .map(([, target = '']) => target)
        .filter((target) => !elsewhere.test(target))
        .filter((target) => {
          const [linked = ''] = target.split('#');
          return !exists(path.posix.join(path.posix.dirname(file), decodeURIComponent(linked)));
        })
        .map((target) => `dead link to ${target}`),
  );
