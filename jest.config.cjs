// Nest 12, uuid and others are ESM only. Jest on Node 20 cannot require(esm) (that needs Node >= 24.9),
// so every installed package with "type": "module" is compiled to CommonJS by swc (cached on disk).
const esm = require('./jest.esm-packages.cjs')(__dirname).map((name) => name.replace(/[.\\/]/g, '\\$&'));

const swc = (parser, transform, sourceMaps) => [
  '@swc/jest',
  {
    swcrc: false,
    sourceMaps,
    // ignoreDynamic: false turns import() into require(): Jest cannot run a native import() without --experimental-vm-modules
    module: { type: 'commonjs', ignoreDynamic: false },
    jsc: { target: 'es2022', parser, transform, keepClassNames: true },
  },
];

/**
 * Jest's global object is slow to look names up in; these come as parameters of each file instead. Only where names are
 * looked up millions of times: a package that declares one of them for itself cannot be loaded then.
 */
const namesAtHand = [
  'Math',
  'Map',
  'Set',
  'BigInt',
  'Number',
  'String',
  'Object',
  'Array',
  'JSON',
  'Promise',
];

/** The rules every suite shares; a suite is a folder set with a name. */
const project = (displayName, testMatch, more = {}) => ({
  displayName,
  rootDir: __dirname,
  testEnvironment: 'node',
  testMatch,
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: {
    '^.+\\.ts$': swc(
      { syntax: 'typescript', decorators: true },
      { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      'inline',
    ),
    '^.+\\.m?js$': swc({ syntax: 'ecmascript' }, undefined, false),
  },
  // look only at the LAST node_modules segment, so that nested packages are matched by their own name
  transformIgnorePatterns: [`/node_modules/(?!.*/node_modules/)(?!(?:${esm.join('|')})/)`],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/', '<rootDir>/test/architecture/planted/'],
  moduleNameMapper: { '^@tender/(.*)$': '<rootDir>/libs/$1/index.ts' },
  ...more,
});

module.exports = {
  rootDir: __dirname,
  projects: [
    project('unit', [
      '<rootDir>/{apps,libs}/**/*.spec.ts',
      '<rootDir>/test/{architecture,bench,golden}/**/*.spec.ts',
    ]),
    project('simulation', ['<rootDir>/test/simulation/**/*.spec.ts'], {
      sandboxInjectedGlobals: namesAtHand,
    }),
    project('contract', ['<rootDir>/test/contract/**/*.spec.ts']),
    project('e2e', ['<rootDir>/test/e2e/**/*.spec.ts']),
    project('chaos', ['<rootDir>/test/chaos/**/*.spec.ts']),
    project('containers', ['<rootDir>/test/containers/**/*.spec.ts'], {
      globalSetup: '<rootDir>/test/containers/global-setup.cjs',
    }),
  ],
  testSequencer: '<rootDir>/test/longest-first.cjs',
  // ends what hangs, and judges nothing: suites run side by side, on a machine that may do much else
  testTimeout: 120_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['{apps,libs}/**/*.ts', '!**/*.spec.ts', '!**/main.ts'],
  coverageDirectory: 'coverage',
};
