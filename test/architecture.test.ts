import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { test } from 'node:test';
import {
  type Arrows,
  arrowsRule,
  bannedCommentRule,
  bannedRule,
  cyclesRule,
  docsRule,
  lengthRule,
  type Modules,
  mirrorRule,
  modulesRule,
  namesRule,
  pureRule,
  type Rule,
  siblingsRule,
} from './harness/architecture-rules.ts';
import { type SourceFile, scanSource } from './harness/source-scan.ts';

const root = join(import.meta.dirname, '..');

const BELOW_AGENT = [
  'core',
  'bytes',
  'telemetry',
  'ledger',
  'component',
  'condition',
  'codec',
  'framing',
  'checkpoint',
  'queue',
  'delivery',
  'serving',
  'kubernetes',
  'mapping',
  'metrics',
  'sources',
  'stages',
  'sinks',
  'sdk',
  'catalog.ts',
  'pipeline',
  'config',
  'detect',
];

/** What each folder of `src/` may import. Arrows point up this list only. */
const ARROWS: Arrows = {
  core: [],
  bytes: [],
  telemetry: ['core'],
  ledger: ['core', 'telemetry'],
  component: ['core', 'telemetry', 'ledger'],
  condition: ['core', 'bytes', 'component'],
  codec: ['core', 'bytes'],
  framing: ['core', 'bytes', 'codec'],
  checkpoint: ['core'],
  delivery: ['core', 'bytes', 'codec', 'telemetry', 'component'],
  queue: ['core', 'bytes', 'checkpoint'],
  serving: ['component'],
  kubernetes: ['core', 'telemetry', 'delivery'],
  mapping: ['core', 'component'],
  metrics: ['core', 'bytes', 'telemetry'],
  sources: [
    'core',
    'bytes',
    'codec',
    'telemetry',
    'ledger',
    'component',
    'framing',
    'checkpoint',
    'queue',
    'delivery',
    'kubernetes',
    'mapping',
    'metrics',
  ],
  stages: ['core', 'bytes', 'codec', 'telemetry', 'component', 'condition'],
  sinks: ['core', 'bytes', 'codec', 'delivery', 'serving', 'telemetry', 'component'],
  sdk: ['core', 'component'],
  'catalog.ts': ['sources', 'stages', 'sinks', 'component'],
  pipeline: ['core', 'telemetry', 'ledger', 'component', 'condition'],
  config: ['core', 'component', 'condition', 'telemetry', 'kubernetes'],
  detect: ['core', 'telemetry', 'component', 'condition', 'framing', 'sources', 'config'],
  agent: BELOW_AGENT,
  commands: ['agent', ...BELOW_AGENT],
  'engine.ts': ['bytes'],
  'main.ts': ['commands', 'telemetry', 'engine.ts'],
  'launch.ts': ['engine.ts'],
};

/** Folders in which a component has a folder of its own. */
const COMPONENT_FOLDERS = ['src/sources', 'src/stages', 'src/sinks'];

/** Where packages may be imported, and the modules of Node that not everybody may use; `<expression>` is what is computed. */
const MODULES: Modules = {
  '@marcbachmann/cel-js': ['src/condition/'],
  '@marcbachmann/cel-js/serialize': ['src/condition/'],
  pino: ['src/telemetry/'],
  '@opentelemetry/api': ['src/telemetry/otlp-tracer.ts'],
  '@opentelemetry/exporter-trace-otlp-http': ['src/telemetry/otlp-tracer.ts'],
  '@opentelemetry/resources': ['src/telemetry/otlp-tracer.ts'],
  '@opentelemetry/sdk-trace': ['src/telemetry/otlp-tracer.ts'],
  picomatch: ['src/sources/file/'],
  snappyjs: ['src/sinks/remote-write/'],
  split2: ['src/sources/stdin/'],
  yaml: ['src/config/'],
  valibot: [
    'src/component/',
    'src/delivery/',
    'src/mapping/',
    'src/sources/',
    'src/stages/',
    'src/sinks/',
    'src/config/',
    'src/sdk/',
  ],
  '@valibot/to-json-schema': ['src/config/'],
  commander: ['src/main.ts', 'src/commands/'],
  'node:http': ['src/delivery/', 'src/serving/', 'src/agent/', 'src/commands/demo/'],
  'node:https': ['src/delivery/'],
  'node:tls': ['src/delivery/'],
  'node:dgram': ['src/sources/statsd/'],
  'node:child_process': ['src/commands/demo/', 'src/commands/check-types.ts'],
  'node:test': [],
  '<expression>': ['src/agent/load-own-stage.ts', 'src/launch.ts'],
};

/** Folders that compute and do nothing else: no files, no network, no time. */
const PURE_FOLDERS = [
  'src/core/',
  'src/bytes/',
  'src/codec/',
  'src/framing/',
  'src/component/',
  'src/condition/',
  'src/mapping/',
];

const SOURCE_RULES: Rule[] = [
  arrowsRule('Arrows point up only: a folder of src/ imports what the table gives it', ARROWS),
  siblingsRule(
    'Components never import each other; what two of them need moves down a layer, or into their common folder',
    COMPONENT_FOLDERS,
  ),
  cyclesRule('No file imports itself through others, not even for types'),
  modulesRule('A package is imported where it belongs, and nowhere else: that is where it can be replaced', MODULES),
  pureRule('core, bytes, codec, framing, component, condition and mapping do no input or output', PURE_FOLDERS, [
    'node:buffer',
  ]),
  bannedRule(
    'Only main.ts ends the process and listens to it: everybody else returns, or gets a signal',
    /\bprocess\s*\.\s*(?:exit|on|once|abort|kill|reallyExit|exitCode)\b/g,
    {
      'src/main.ts': 'argv, exit codes and signals are its task',
      'src/launch.ts': 'a Node that is too old runs nothing else',
      'src/commands/demo/': 'its children are processes of their own',
    },
  ),
  bannedRule(
    'Nobody uses console: the own log is telemetry/logger, output for people is written to a stream',
    /\bconsole\b/g,
  ),
  bannedRule(
    'Time is an argument, a Clock: who looks at the clock cannot be tested by moving it',
    /\bDate\.now\b|\bnew Date\(\)|\bperformance\s*\.\s*now\b|\bhrtime\b|\bset(?:Timeout|Interval)\(|\bAbortSignal\.timeout\b/g,
    {
      'src/core/clock.ts': 'SystemClock',
      'src/main.ts': 'the end of the process, when everything that has a clock is over',
    },
  ),
  docsRule('Every export has a doc comment: what it is, units, who owns it, what it throws'),
];

const EVERYWHERE_RULES: Rule[] = [
  lengthRule('A file holds one idea, and at most 600 lines', 600),
  namesRule('Files and folders have kebab-case names'),
  bannedCommentRule('What is not done is an issue, not a comment', /\b(?:TODO|FIXME|XXX|HACK)\b/g),
];

/** Folders of `test/` for what crosses the folders of `src/`, and for the tests' own tools. */
const OWN_TEST_FOLDERS = ['corpora', 'e2e', 'property', 'fault', 'bench', 'fixtures', 'harness', 'tools'];

const sources = readSources('src');
const tests = readSources('test');
const others = [...readSources('tools'), ...readSources('examples')];

for (const rule of SOURCE_RULES) testRule(rule, sources);
for (const rule of EVERYWHERE_RULES) testRule(rule, [...sources, ...tests, ...others]);
testRule(
  mirrorRule(
    'A test lies where what it tests lies, or in one of the folders for what crosses folders',
    sources,
    OWN_TEST_FOLDERS.map((folder) => `test/${folder}/`),
  ),
  tests,
);

test('half of the files have at most 120 lines, nine of ten at most 350', (t) => {
  const counts = sources.map(({ lineCount }) => lineCount).sort((a, b) => a - b);
  const quantile = (part: number): number => counts[Math.floor(part * (counts.length - 1))]!;
  t.diagnostic(`${counts.length} files, median ${quantile(0.5)} lines, 90th percentile ${quantile(0.9)}`);
  assert.ok(quantile(0.5) <= 120);
  assert.ok(quantile(0.9) <= 350);
});

function readSources(folder: string): SourceFile[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root })
    .sort()
    .map((path) => scanSource(path.replaceAll(sep, '/'), readFileSync(join(root, path), 'utf8')));
}

function testRule(rule: Rule, files: readonly SourceFile[]): void {
  test(rule.text, () => {
    const broken = rule.broken(files);
    if (broken.length > 0) assert.fail(`${rule.text}:\n${broken.map((place) => `  ${place}`).join('\n')}`);
  });
}
