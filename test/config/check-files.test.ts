import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../../src/catalog.ts';
import { formatErrors } from '../../src/config/format-errors.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { env, loadStage } from './stand-ins.ts';

async function check(yaml: string) {
  const loaded = await loadConfig({ text: yaml, file: 'app.yaml', env, catalog, loadStage });
  const found = loaded.ok ? loaded.warnings : loaded.errors;
  return { ok: loaded.ok, printed: formatErrors(found, yaml) };
}

const REST = 'pipelines: { logs: { from: [app, other], to: [out] } }\nsinks: { out: { type: console } }\n';

for (const { name, state, include, exclude = [], ok } of [
  { name: 'the state folder itself', state: '/logs/state', include: '/logs/state/*', ok: false },
  { name: 'the state folder below', state: '/logs/state', include: '/logs/**', ok: false },
  { name: 'files beside the state folder', state: '/logs/state', include: '/logs/*', ok: true },
  {
    name: 'all but the state folder',
    state: '/logs/state',
    include: '/logs/**',
    exclude: ['/logs/state/**'],
    ok: true,
  },
  { name: 'a relative state folder', state: 'state', include: './state/check*', ok: false },
]) {
  test(`DSC-08 loadConfig() ${ok ? 'takes' : 'refuses'} a source that reads ${name}`, async () => {
    const source = JSON.stringify({ type: 'file', include: [include], exclude });
    const yaml = `state: ${state}\nsources:\n  app: ${source}\n  other: { type: stdin }\n${REST}`;
    const { printed, ok: isOk } = await check(yaml);
    assert.equal(isOk, ok, printed);
    if (!ok) assert.match(printed, /^app\.yaml:3:\d+: Source "app" would read what the agent writes: ".*state\/"/);
  });
}

test('DSC-08 loadConfig() refuses a source that reads what a sink or another source writes', async () => {
  const yaml = `sources:
  app: { type: file, include: [/logs/*, /queue/*] }
  other: { type: stdin, queue: { path: /queue } }
pipelines: { logs: { from: [app, other], to: [out] } }
sinks: { out: { type: otlp, dead_letter: /logs/dead.jsonl } }
`;
  const { printed } = await check(yaml);
  assert.match(printed, /Source "app" would read what the agent writes: "\/queue\/"/);
  const { printed: sink } = await check(yaml.replace('/queue }', '/elsewhere }'));
  assert.match(sink, /Source "app" would read what the agent writes: "\/logs\/dead\.jsonl"/);
});

for (const { name, first, second, isOverlap } of [
  { name: 'the same pattern', first: '/logs/*.log', second: '/logs/*.log', isOverlap: true },
  { name: 'a file of the other pattern', first: '/logs/app.log', second: '/logs/*.log', isOverlap: true },
  { name: 'a pattern within the other', first: '/logs/**', second: '/logs/web/*.log', isOverlap: true },
  { name: 'other folders', first: '/logs/web/*.log', second: '/logs/api/*.log', isOverlap: false },
  { name: 'other names', first: '/logs/web.log', second: '/logs/api.log', isOverlap: false },
]) {
  test(`DSC-05 loadConfig() ${isOverlap ? 'warns of' : 'is content with'} two sources that name ${name}`, async () => {
    const yaml = `sources:\n  app: { type: file, include: ${first} }\n  other: { type: file, include: "${second}" }\n${REST}`;
    const { printed, ok } = await check(yaml);
    assert.ok(ok, printed);
    assert.equal(printed.includes('app.yaml:3:24: Sources "app" and "other" read the same files'), isOverlap, printed);
  });
}
