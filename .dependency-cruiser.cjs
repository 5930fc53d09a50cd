/**
 * Who may know whom. Arrows point to the domain; siblings never meet; each vendor has one home.
 * test/architecture/boundaries.spec.ts plants one violation per rule and expects each to be found.
 */

/** The npm packages that a lib's production code may use; a lib that is not named here is bound by the homes below only. */
const packagesOf = {
  domain: ['currency-codes', 'uuid'],
  eventstore: ['@eventstore/db-client', 'lru-cache', 'uuid'],
  psp: ['@adyen/api-library', 'stripe', 'uuid'],
  readmodels: ['lru-cache', 'mongodb'],
  engine: ['bullmq', 'ioredis', 'lru-cache', 'uuid'],
};

/** The libs that a lib may know besides itself; `nest` may know all but the two that serve tests. */
const libsOf = {
  domain: [],
  eventstore: ['domain'],
  psp: ['domain'],
  readmodels: ['domain'],
  engine: ['domain', 'eventstore'],
};

// the specs drive the simulator with the PSPs' own SDKs, through one file that points them at it
const simulatorTests = '^apps/psp-simulator/.*(?:\\.spec|/driven-by-sdk)\\.ts$';

/** The embedded servers are tested through the clients that they are made for. */
const embeddedServerTests = '^test/(?:contract/embedded/|chaos/(?:eventstore|mongo)-kill\\.spec\\.ts$)';

/** Do to groups and streams what no process of ours may: operators with the vendor's own tool. */
const operators = '^test/contract/eventstore/(?:group|stream)-operator\\.ts$';

/** Where each vendor lives, so that changing one is work in one folder. */
const homeOf = {
  '@eventstore/db-client': [
    '^libs/eventstore/',
    '^libs/embedded/eventstore/',
    embeddedServerTests,
    operators,
  ],
  mongodb: [
    '^libs/readmodels/',
    '^libs/embedded/mongo[^/]*/.*\\.(?:spec|fixture)\\.ts$',
    embeddedServerTests,
  ],
  bson: ['^libs/embedded/'],
  lmdb: ['^libs/embedded/', '^apps/psp-simulator/'],
  stripe: ['^libs/psp/stripe/', simulatorTests],
  '@adyen/api-library': ['^libs/psp/adyen/', simulatorTests],
  'class-validator': ['^apps/api/'],
  'class-transformer': ['^apps/api/'],
  '@nestjs': ['^libs/nest/', '^apps/'],
  '@grpc/grpc-js': ['^libs/embedded/'],
  'google-protobuf': ['^libs/embedded/'],
  bullmq: ['^libs/engine/timers/'],
  ioredis: ['^libs/engine/timers/'],
};

/** What only tests load: specs, and the fixtures that several of them use. */
const spec = '\\.(?:spec|fixture)\\.ts$';
const barrels = ['^libs/[^/]+/index\\.ts$', '^libs/[^/]+/[^/]+/index\\.ts$'];
const testSupport = '^libs/(?:testing|embedded)/';
const anyOf = (names) => names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');

const rule = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });

const libRules = Object.entries(libsOf).map(([lib, known]) =>
  rule(
    `${lib}-knows-only-${known.length === 0 ? 'itself' : known.join('-and-')}`,
    `libs/${lib} may import of our libs: ${['itself', ...known].join(', ')}; its specs may use the libs made for tests.`,
    { path: `^libs/${lib}/` },
    { path: '^libs/', pathNot: [`^libs/(?:${anyOf([lib, ...known])})/`, testSupport] },
  ),
);

const packageRules = Object.entries(packagesOf).map(([lib, packages]) =>
  rule(
    `${lib}-packages`,
    `libs/${lib} may import of npm: ${packages.join(', ')}. Another one is a decision: add it to this table.`,
    { path: `^libs/${lib}/`, pathNot: spec },
    { path: 'node_modules/', pathNot: `node_modules/(?:${anyOf(packages)})/` },
  ),
);

const vendorRules = Object.entries(homeOf).map(([vendor, homes]) =>
  rule(
    `vendor-${vendor.replace(/^@/, '').replace('/', '-')}`,
    `${vendor} has one home; everybody else goes through the lib that wraps it.`,
    { path: '^(?:apps|libs|test)/', pathNot: homes },
    { path: `node_modules/${anyOf([vendor])}/` },
  ),
);

module.exports = {
  forbidden: [
    ...libRules,
    ...packageRules,
    ...vendorRules,
    rule(
      'domain-no-node',
      'The domain is pure: clocks, hashes and ids are handed to it.',
      { path: '^libs/domain/', pathNot: spec },
      { dependencyTypes: ['core'] },
    ),
    rule(
      'test-support-only-in-tests',
      'Embedded servers and test grammar never get into a deployed process.',
      { path: '^(?:apps|libs)/', pathNot: [testSupport, spec, '^apps/local/'] },
      { path: testSupport },
    ),
    rule('no-lib-knows-an-app', 'Libs are used by apps.', { path: '^libs/' }, { path: '^apps/' }),
    rule(
      'apps-are-strangers',
      'Apps meet over HTTP and streams; only apps/local and specs start several of them.',
      { path: '^apps/([^/]+)/', pathNot: ['^apps/local/', spec] },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    rule(
      'nothing-knows-test',
      'The test tree is a consumer: what both sides need belongs in libs/testing.',
      { path: '^(?:apps|libs)/' },
      { path: '^test/' },
    ),
    rule(
      'libs-by-barrel-from-libs',
      'Another lib is imported by its alias: its inside is its own business.',
      { path: '^libs/([^/]+)/' },
      { path: '^libs/', pathNot: ['^libs/$1/', ...barrels] },
    ),
    rule(
      'libs-by-barrel-from-outside',
      'A lib is imported by its alias: its inside is its own business.',
      { path: '^(?:apps|test)/' },
      { path: '^libs/', pathNot: barrels },
    ),
    rule(
      'no-circular',
      'Neither file of a circle can be read first. Types count: they are read too.',
      {},
      { circular: true },
    ),
    rule(
      'no-orphans',
      'A file that nobody imports and that imports nobody is dead, unless it is an entry.',
      {
        orphan: true,
        pathNot: [spec, '(?:^|/)main\\.ts$', '(?:^|/)[^/]+\\.c?js$', '\\.d\\.ts$', '^node_modules/'],
      },
      {},
    ),
    rule(
      'no-dev-dependency-in-production',
      'A production image is installed without devDependencies.',
      { path: '^(?:apps|libs)/', pathNot: [spec, '^libs/testing/'] },
      { dependencyTypes: ['npm-dev'] },
    ),
    rule(
      'no-undeclared-package',
      'A package that package.json does not name is there by luck.',
      {},
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    ),
    rule('not-resolvable', 'An import of nothing.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:dist|coverage|test/architecture/planted)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // an import of a type is knowledge too, though the compiler erases it
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    skipAnalysisNotInRules: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'import', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};
