// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables are part of the language
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AgentConfig } from '../../src/config/agent-config.ts';
import { formatErrors } from '../../src/config/format-errors.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { LocatedError } from '../../src/config/located-error.ts';
import { catalog, env, loadStage } from './stand-ins.ts';
import { withSink, withStages, withTop } from './wrong-config.ts';

async function load(
  text: string,
  more: { env?: Record<string, string>; file?: string } = {},
): Promise<{ config: AgentConfig; warnings: readonly LocatedError[] }> {
  const loaded = await loadConfig({ text, file: 'app.yaml', env, catalog, loadStage, ...more });
  assert.ok(loaded.ok, loaded.ok ? '' : formatErrors(loaded.errors, text));
  return loaded;
}

test('loadConfig() gives everything that a configuration says', async () => {
  const { config, warnings } = await load(`
state: /var/lib/pillion
resource: { service.name: checkout, replicas: 3, canary: true }
sources:
  app: { type: file, include: [/var/log/app/*.log], start_at: end, max_record_size: 64KiB }
  pipe: { type: stdin }
pipelines:
  logs:
    from: [app, pipe]
    stages:
      - json
      - timestamp: { field: time }
      - remove: [password, token]
      - use: ./stages/mask.ts
        options: { keep: 2 }
    to: [backend, screen]
sinks:
  backend: { type: otlp, endpoint: "\${BACKEND}", max_in_flight: "\${PORT}", tls: { ca_file: /tls/ca.crt } }
  screen: { type: console }
drain_timeout: 1m
log_level: debug
`);
  const { sources, pipelines, sinks, resource, resourceLayers, ...rest } = config;
  assert.deepEqual(resourceLayers, {
    pod: undefined,
    podInfo: { path: '/etc/podinfo', labels: [], annotations: [] },
    environment: new Map(),
    written: { 'service.name': 'checkout', replicas: 3, canary: true },
  });
  assert.deepEqual(rest, {
    file: 'app.yaml',
    stateFolder: '/var/lib/pillion',
    admin: undefined,
    health: undefined,
    terminationMessage: undefined,
    exitWhen: undefined,
    drainTimeoutMs: 60_000,
    lingerMs: 0,
    logLevel: 'debug',
    reload: 'auto',
    workers: 1,
  });
  assert.deepEqual(
    [...resource.attributes],
    [
      ['service.name', 'checkout'],
      ['replicas', 3],
      ['canary', true],
    ],
  );
  const fileOptions = { include: ['/var/log/app/*.log'], exclude: [], start_at: 'end', max_record_size: 65_536 };
  assert.deepEqual(sources, [
    { name: 'app', definition: catalog.sources.get('file'), options: fileOptions },
    { name: 'pipe', definition: catalog.sources.get('stdin'), options: {} },
  ]);
  const [{ stages, ...pipeline }] = pipelines as [AgentConfig['pipelines'][number]];
  assert.deepEqual(pipeline, {
    name: 'logs',
    from: ['app', 'pipe'],
    to: ['backend', 'screen'],
    conditions: new Map(),
    deadLetter: undefined,
    isOptIn: false,
    recordUid: false,
  });
  assert.deepEqual(
    stages.map((step) => 'definition' in step && [step.definition.type, step.options, step.label]),
    [
      ['json', {}, 'json'],
      ['timestamp', { field: 'time', format: 'iso8601', keep: false }, 'timestamp'],
      ['remove', ['password', 'token'], 'remove'],
      ['mask', { keep: 2 }, './stages/mask.ts'],
    ],
  );
  assert.deepEqual(sinks[0]?.options, {
    endpoint: 'http://localhost:4318',
    protocol: 'http/protobuf',
    compression: 'gzip',
    headers: {},
    timeout: 10_000,
    max_in_flight: 5,
    tls: { ca_file: '/tls/ca.crt' },
  });
  assert.deepEqual(warnings, []);
});

test('loadConfig() has defaults for all but sources, pipelines and sinks', async () => {
  const { config } = await load(withTop(''));
  const { file: _, sources: __, sinks: ___, ...rest } = config;
  assert.deepEqual(rest, {
    stateFolder: undefined,
    resource: config.resource,
    resourceLayers: config.resourceLayers,
    admin: undefined,
    health: undefined,
    terminationMessage: undefined,
    exitWhen: undefined,
    drainTimeoutMs: 25_000,
    lingerMs: 0,
    logLevel: 'info',
    reload: 'auto',
    workers: 1,
    pipelines: [
      {
        name: 'logs',
        from: ['app'],
        stages: [],
        to: ['out'],
        conditions: new Map(),
        deadLetter: undefined,
        isOptIn: false,
        recordUid: false,
      },
    ],
  });
  assert.deepEqual([...config.resource.attributes], [['service.name', 'unknown_service']]);
});

for (const { name, stages, expected } of [
  { name: 'a name', stages: '- json\n', expected: [['json', {}]] },
  { name: 'a name and nothing', stages: '- json:\n', expected: [['json', {}]] },
  { name: 'a name and options', stages: '- json: { prefix: a }\n', expected: [['json', { prefix: 'a' }]] },
  { name: 'a condition', stages: '- json:\n  if: severity > INFO\n', expected: [['json', {}]] },
  { name: 'a list', stages: '- remove: [a]\n', expected: [['remove', ['a']]] },
  { name: 'a text', stages: '- remove: a\n', expected: [['remove', 'a']] },
  { name: 'a file', stages: '- use: ./mask.ts\n', expected: [['mask', { keep: 4 }]] },
  { name: 'a file and no options', stages: '- use: ./mask.ts\n  options:\n', expected: [['mask', { keep: 4 }]] },
])
  test(`loadConfig() takes a stage written as ${name}`, async () => {
    const { config } = await load(withStages(stages));
    assert.deepEqual(
      config.pipelines[0]?.stages.map((step) => 'definition' in step && [step.definition.type, step.options]),
      expected,
    );
  });

for (const { name, file, use, expected } of [
  {
    name: 'beside the configuration',
    file: '/etc/pillion/app.yaml',
    use: './mask.ts',
    expected: '/etc/pillion/mask.ts',
  },
  { name: 'above it', file: '/etc/pillion/app.yaml', use: '../mask.ts', expected: '/etc/mask.ts' },
  { name: 'where its absolute path says', file: '/etc/app.yaml', use: '/opt/mask.ts', expected: '/opt/mask.ts' },
  {
    name: 'beside a configuration in this folder',
    file: 'app.yaml',
    use: './mask.ts',
    expected: `${process.cwd()}/mask.ts`,
  },
])
  test(`loadConfig() looks for an own stage ${name}`, async () => {
    const asked: string[] = [];
    const text = withStages(`- use: ${use}\n`);
    const remember = (path: string) => {
      asked.push(path);
      return loadStage(path);
    };
    await loadConfig({ text, file, env, catalog, loadStage: remember });
    assert.deepEqual(asked, [expected]);
  });

for (const { name, option, value, expected } of [
  { name: 'text as text', option: 'endpoint', value: 'http://x', expected: 'http://x' },
  { name: 'text that looks like a number as text', option: 'headers', value: '0123', expected: { a: '0123' } },
  { name: 'a number where one is expected', option: 'max_in_flight', value: '0x10', expected: 16 },
  { name: 'a duration', option: 'timeout', value: '5s', expected: 5000 },
  { name: 'what looks like a map as text', option: 'headers', value: '{ b: "c" }', expected: { a: '{ b: "c" }' } },
  { name: 'a line break as text', option: 'headers', value: 'x\nb: c', expected: { a: 'x\nb: c' } },
])
  test(`loadConfig() fills in ${name}`, async () => {
    const lines = option === 'headers' ? 'headers: { a: "${X}" }\n' : `${option}: \${X}\n`;
    const { config } = await load(withSink(lines), { env: { X: value } });
    const options = config.sinks[0]?.options as Record<string, unknown> | undefined;
    assert.deepEqual(options?.[option], expected);
  });

test('loadConfig() reads true and false out of a variable where a flag is expected', async () => {
  const text = withTop('').replace('type: console', 'type: console, colour: "${X}"');
  const { config } = await load(text, { env: { X: 'false' } });
  assert.deepEqual(config.sinks[0]?.options, { format: 'pretty', colour: false });
});

test('loadConfig() lets aliases stand for whole values', async () => {
  const { config } = await load(`
sources: { app: &any { type: stdin }, web: *any }
sinks: { out: { type: console } }
pipelines:
  a: { from: [app], stages: &stages [json, { remove: &field time }, { timestamp: { field: *field } }], to: out }
  b: { from: [web], stages: *stages, to: out }
`);
  const types = config.pipelines.map(({ stages }) =>
    stages.map((step) => 'definition' in step && step.definition.type),
  );
  assert.deepEqual(types, [
    ['json', 'remove', 'timestamp'],
    ['json', 'remove', 'timestamp'],
  ]);
});

for (const { name, text, expected } of [
  {
    name: 'sources and sinks that no pipeline uses',
    text: withTop('')
      .replace('{ type: stdin }', '{ type: stdin }, web: { type: stdin }')
      .replace('{ out:', '{ old: { type: console }, out:'),
    expected: ['1:34 Source "web" is not used by any pipeline', '3:10 Sink "old" is not used by any pipeline'],
  },
  {
    name: 'a version that is read as another number',
    text: withTop('resource: { service.version: 1.10, replicas: 3, code: 007 }\n'),
    expected: ['1:30 1.10 is read as the number 1.1', '1:55 007 is read as the number 7'],
  },
  { name: 'nothing else', text: withTop('resource: { ratio: 0.5, "1.10": "1.10" }\n'), expected: [] },
])
  test(`loadConfig() warns of ${name}`, async () => {
    const { warnings } = await load(text);
    assert.deepEqual(
      warnings.map(({ line, column, error }) => `${line}:${column} ${error.message}`),
      expected,
    );
  });

test('loadConfig() reads Windows line ends', async () => {
  const { config } = await load(withTop('state: /a\n').replaceAll('\n', '\r\n'));
  assert.equal(config.stateFolder, '/a');
});

test('loadConfig() gives each error its path and code', async () => {
  const text = withStages('- timestamp: { feild: time }\n');
  const loaded = await loadConfig({ text, file: 'app.yaml', env, catalog, loadStage });
  assert.deepEqual(loaded.ok ? [] : loaded.errors.map(({ error }) => [error.code, error.path]), [
    ['ERR_CONFIG_KEY', ['pipelines', 'logs', 'stages', 0, 'timestamp', 'feild']],
  ]);
});

for (const { name, text } of [
  { name: 'aliases that repeat aliases', text: bomb(12) },
  { name: 'a hundred thousand keys', text: Array.from({ length: 100_001 }, (_, i) => `${i}:`).join('\n') },
])
  test(`loadConfig() refuses ${name}`, async () => {
    const loaded = await loadConfig({ text, file: 'app.yaml', env, catalog, loadStage });
    const messages = loaded.ok ? [] : loaded.errors.map(({ error }) => error.message);
    assert.deepEqual(messages, ['More than 100,000 values, counted with what aliases repeat']);
  });

/** Ten times as many values in every line. */
function bomb(lines: number): string {
  const line = (_: unknown, i: number) => `k${i}: &a${i} [${`*a${i - 1},`.repeat(i === 0 ? 0 : 9)}1]\n`;
  return Array.from({ length: lines }, line).join('');
}

test('loadConfig() refuses a text of more than a mebibyte', async () => {
  const text = `# ${'x'.repeat(2 ** 20)}\n${withTop('')}`;
  const loaded = await loadConfig({ text, file: 'app.yaml', env, catalog, loadStage });
  assert.equal(loaded.ok ? '' : loaded.errors[0]?.error.message, 'Configuration is larger than 1 MiB');
});

const GOOD = `
state: &state /var/lib/pillion
resource: { service.name: checkout, replicas: 3 }
sources:
  app: { type: file, include: [/var/log/app/*.log, "\${BACKEND}"], start_at: end, max_record_size: 64KiB }
pipelines:
  logs:
    from: [app]
    stages:
      - json
      - timestamp: { field: time }
      - use: ./stages/mask.ts
        options: { keep: 2 }
    to: [backend]
sinks:
  backend: { type: otlp, endpoint: "http://x", headers: { a: 'b' }, tls: { ca_file: *state } }
drain_timeout: 1m
`;

/** What can be in a configuration, or should not. */
const piece = fc.oneof(
  fc.constantFrom(
    '',
    '\n',
    '\r\n',
    '  ',
    '\t',
    ': ',
    '- ',
    '? ',
    ',',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '|',
    '>-',
    '#',
    '&a ',
    '*a',
  ),
  fc.constantFrom(
    '<<: *state',
    '!!binary x',
    '%YAML 1.1\n---\n',
    '\n---\n',
    '\n...\n',
    '${X}',
    '${BACKEND}',
    '${',
    '__proto__: 1',
  ),
  fc.constantFrom(
    'null',
    '1e999',
    '12345678901234567890',
    'true',
    'sources:',
    'type: file',
    'use: ./missing.ts',
    'use: x',
    'remove: a',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
);

/** A good configuration after a few accidents: parts cut out, other things put in. */
const damaged = fc
  .array(fc.tuple(fc.nat(GOOD.length), fc.nat(12), piece), { minLength: 1, maxLength: 4 })
  .map((edits) => edits.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), GOOD));

const garbage = fc.array(fc.tuple(fc.nat(4), piece), { maxLength: 25 });
const anything = garbage.map((pieces) => pieces.map(([indent, piece]) => ' '.repeat(2 * indent) + piece).join(''));

test('loadConfig() never rejects, whatever the text, and says why it refuses it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: damaged }, anything), async (text) => {
      const loaded = await loadConfig({ text, file: 'app.yaml', env, catalog, loadStage });
      if (loaded.ok) return;
      assert.ok(loaded.errors.length > 0);
      assert.notEqual(formatErrors(loaded.errors, text), '');
      const lines = text.split('\n').length;
      for (const { line, column } of loaded.errors) assert.ok(line >= 1 && line <= lines && column >= 1);
    }),
    { numRuns: 500 },
  );
});
