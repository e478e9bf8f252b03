import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import { isSameWanted, wantedBehind, wantedBySinks } from '../../src/agent/wanted-attributes.ts';
import { catalog } from '../../src/catalog.ts';
import { loadConfig } from '../../src/config/load-config.ts';

const SCRAPE = { type: 'prometheus', listen: '127.0.0.1:0' };

async function load(stages: readonly unknown[], to: unknown = ['scrape'], more: object = {}) {
  const text = JSON.stringify({
    sources: { app: { type: 'file', include: ['/a.log'] } },
    pipelines: { logs: { from: 'app', stages: [...stages, 'severity_metrics'], to, ...more } },
    sinks: { scrape: SCRAPE, ...(JSON.stringify(to).includes('backend') && { backend: { type: 'otlp' } }) },
  });
  const loaded = await loadConfig({ text, file: 'pillion.yaml', env: {}, catalog, loadStage: loadOwnStage });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

const REQUESTS = { name: 'requests', labels: { path: 'url.path' } };

for (const { name, stages, to, more, expected } of [
  {
    name: 'what stages that count have as labels and values',
    stages: ['clf', { counter: REQUESTS }, { gauge: { name: 'size', value: 'attributes.size' } }],
    expected: ['url.path', 'size'],
  },
  {
    name: 'all, where a value may look at any',
    stages: ['clf', { gauge: { name: 'attributes', value: 'attributes.size()' } }],
    expected: undefined,
  },
  { name: 'what conditions ask for', stages: ['clf', { remove: ['x'], if: '"x" in attributes' }], expected: ['x'] },
  { name: 'what filters ask for', stages: ['clf', { filter: 'attributes.user == null' }], expected: ['user'] },
  {
    name: 'what other parsers, and stages of the record, read',
    stages: [
      'clf',
      { json: { field: 'rest' } },
      { timestamp: { field: 'time', nanos: 'ns' } },
      { body: { field: 'm' } },
    ],
    expected: undefined,
  },
  {
    name: 'what parsers of texts read',
    stages: ['clf', { regex: { field: 'rest', match: '(?<took>.*)' } }, { timestamp: { field: 'time', nanos: 'ns' } }],
    expected: ['ns', 'time', 'rest'],
  },
  { name: 'all, before a stage that does not say what it reads', stages: ['clf', 'dedupe'], expected: undefined },
  { name: 'all, where the records go to somebody', stages: ['clf'], to: ['scrape', 'backend'], expected: undefined },
  {
    name: 'what chooses the records for a sink',
    stages: ['clf'],
    to: [{ sink: 'scrape', if: 'attributes.host == "a"' }],
    expected: ['host'],
  },
  {
    name: 'all, before a stage whose failures are set aside, and for that stage itself',
    stages: [{ regex: { match: '(?<a>.)' }, on_error: 'dead_letter' }],
    more: { dead_letter: '/unread.jsonl' },
    expected: undefined,
  },
  { name: 'all, before stages that are chosen', stages: ['clf', { use: 'auto' }], expected: undefined },
  { name: 'nothing, where nobody looks at anything', stages: ['clf'], expected: [] },
] as const) {
  test(`behind the first stage is wanted ${name}`, async () => {
    const { pipelines, sinks } = await load(stages, to, more);
    const wanted = wantedBySinks(pipelines[0]!, sinks);
    const [first] = wantedBehind(pipelines[0]!.stages, wanted);
    assert.deepEqual(first && [...first].sort(), expected && [...expected].sort());
  });
}

test('what groups of stages, and their conditions, look at is wanted before them', async () => {
  const { pipelines, sinks } = await load(['clf', { use: 'nginx', if: 'attributes.kind == "nginx"' }]);
  const wanted = wantedBySinks(pipelines[0]!, sinks);
  const [first] = wantedBehind(pipelines[0]!.stages, wanted);
  assert.ok(first?.has('kind') && first.has('rest') && first.has('http.response.status_code'));
});

test('wanted attributes are compared by name', () => {
  assert.ok(isSameWanted(undefined, undefined));
  assert.ok(isSameWanted(new Set(['a', 'b']), new Set(['b', 'a'])));
  assert.ok(!isSameWanted(new Set(['a']), new Set(['b'])));
  assert.ok(!isSameWanted(new Set(['a']), new Set(['a', 'b'])));
  assert.ok(!isSameWanted(new Set(), undefined));
});
