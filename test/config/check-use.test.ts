import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { optional, unknown } from 'valibot';
import { createCatalog } from '../../src/component/catalog.ts';
import { described, object, texts } from '../../src/component/options.ts';
import type { ConfiguredStep } from '../../src/config/agent-config.ts';
import { formatErrors } from '../../src/config/format-errors.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { temporaryFolder } from '../harness/files.ts';
import { catalog, env, loadStage } from './stand-ins.ts';

const pipelinesFolder = join(import.meta.dirname, '../fixtures/pipelines');

/** The catalog, with sources that put lines together. */
const withMultiline = createCatalog({
  sources: [...catalog.sources.values()].map((source) => ({
    ...source,
    options: object({
      include: optional(texts({ doc: 'Files.' })),
      multiline: described(optional(unknown()), 'map', { doc: 'Lines.' }),
    }),
    check: () => [],
  })),
  stages: [...catalog.stages.values()],
  sinks: [...catalog.sinks.values()],
});

async function load(t: TestContext, stages: string, files: Record<string, string> = {}, source = '') {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const text = [
    `sources: { app: { type: file, include: /a${source} } }`,
    'sinks: { out: { type: console } }',
    `pipelines: { logs: { from: app, to: out, stages: [${stages}] } }`,
  ].join('\n');
  const file = join(folder, 'app.yaml');
  const loaded = await loadConfig({ text, file, env, catalog: withMultiline, loadStage, pipelinesFolder });
  const errors = loaded.ok ? '' : formatErrors(loaded.errors, text).replaceAll(`${folder}/`, '');
  return { config: loaded.ok ? loaded.config : undefined, errors: errors.replaceAll(`${pipelinesFolder}/`, '') };
}

/** What is there of the steps: types, with what becomes of records that they cannot read; groups by their labels. */
function outline(steps: readonly ConfiguredStep[] = []): unknown[] {
  return steps.map((step) => {
    const condition = step.when === undefined ? '' : ' if';
    if ('candidates' in step) return `auto${condition} of ${step.candidates.map(({ label }) => label).join(', ')}`;
    return 'stages' in step
      ? [`${step.label}${condition}`, ...outline(step.stages)]
      : `${step.definition.type}${condition} ${step.onError}`;
  });
}

test('use takes a ready-made pipeline, which may use others', async (t) => {
  const { config } = await load(t, '{ use: java-app }, json');
  assert.deepEqual(outline(config?.pipelines[0]?.stages), [
    ['java-app', ['web', 'json forward', 'remove if forward']],
    'json forward',
  ]);
});

test('use: auto has all ready-made pipelines to choose from, and says what is wrong with them', async (t) => {
  const { config, errors } = await load(t, '{ use: auto, if: "true" }');
  assert.equal(config, undefined);
  assert.match(errors, /^wrong\/pipeline\.yaml:2:5: Unknown stage "jsn"/);
});

test('use: auto takes no options', async (t) => {
  const { errors } = await load(t, '{ use: auto, options: { a: 1 } }');
  assert.match(errors, /Pipeline "auto" takes no options/);
});

test('use takes a file of stages of the user, relative to the configuration', async (t) => {
  const { config } = await load(t, '{ use: ./mine.yaml, if: "true" }', { 'mine.yaml': 'stages: [json]' });
  assert.deepEqual(outline(config?.pipelines[0]?.stages), [['./mine.yaml if', 'json forward']]);
});

test('what becomes of records that cannot be read holds for all stages of a group, but for those that say otherwise', async (t) => {
  const files = { 'mine.yaml': 'stages:\n- json\n- json:\n  on_error: forward\n' };
  const { config } = await load(t, '{ use: ./mine.yaml, on_error: drop }', files);
  assert.deepEqual(outline(config?.pipelines[0]?.stages), [['./mine.yaml', 'json drop', 'json forward']]);
});

for (const { name, source, expected } of [
  { name: 'get the rules of the pipeline', source: '', expected: 'java' },
  { name: 'keep rules of their own', source: ', multiline: python', expected: 'python' },
]) {
  test(`sources ${name} for putting lines together`, async (t) => {
    const { config } = await load(t, 'json, { use: java-app }', {}, source);
    assert.deepEqual(config?.sources[0]?.options, { include: ['/a'], multiline: expected });
  });
}

test('the errors of a file of stages name its lines', async (t) => {
  const { errors } = await load(t, '{ use: ./mine.yaml }', { 'mine.yaml': 'summary: x\nstages:\n  - jsn\n' });
  assert.equal(
    errors,
    'mine.yaml:3:5: Unknown stage "jsn" (ERR_CONFIG_VALUE)\n' +
      '  3 |   - jsn\n    |     ^\n  hint: Did you mean "json"?\n',
  );
});

for (const { name, stages, files, expected } of [
  {
    name: 'a file that is not there, where it is named',
    stages: '{ use: ./none.yaml }',
    expected: /^app\.yaml:3:58: Cannot find file of stages "none\.yaml" \(ERR_CONFIG_READ\)\n {2}3 \| /,
  },
  {
    name: 'a list in the place of a file with one',
    stages: '{ use: ./a.yaml }',
    files: { 'a.yaml': '- json\n' },
    expected:
      /^a\.yaml:1:1: Cannot use a list as a file of stages .*[\s\S]*hint: Write the list of stages below the key/,
  },
  {
    name: 'an empty file',
    stages: '{ use: ./a.yaml }',
    files: { 'a.yaml': '' },
    expected: /^a\.yaml:1:1: File of stages is empty /,
  },
  {
    name: 'the name of a pipeline without it, and says how it is written',
    stages: 'web',
    expected: /Unknown stage "web".*[\s\S]*hint: It is a ready-made pipeline: write `- use: web`/,
  },
  {
    name: 'no stages',
    stages: '{ use: ./a.yaml }',
    files: { 'a.yaml': 'summary: x' },
    expected: /Missing key "stages"/,
  },
  {
    name: 'an unknown key',
    stages: '{ use: ./a.yaml }',
    files: { 'a.yaml': 'steps: [json]\nstages: [json]' },
    expected: /Unknown key "steps"/,
  },
  {
    name: 'wrong YAML',
    stages: '{ use: ./a.yaml }',
    files: { 'a.yaml': 'stages: [' },
    expected: /a\.yaml:1:9.*\n {2}1 \| stages: \[\n/,
  },
  { name: 'a pipeline that uses itself', stages: '{ use: wrong }', expected: /Cannot use "wrong": it uses itself/ },
  { name: 'a pipeline that is not there', stages: '{ use: wev }', expected: /hint: Did you mean "web"\?/ },
  { name: 'options', stages: '{ use: web, options: { a: 1 } }', expected: /Pipeline "web" takes no options/ },
]) {
  test(`use refuses ${name}`, async (t) => {
    assert.match((await load(t, stages, files)).errors, expected);
  });
}
