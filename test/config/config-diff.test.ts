import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UsableConfig } from '../../src/config/agent-config.ts';
import { checkReload } from '../../src/config/check-reload.ts';
import { type ConfigDiff, diffConfig, isSame } from '../../src/config/config-diff.ts';
import { formatErrors } from '../../src/config/format-errors.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { catalog, env, loadStage } from './stand-ins.ts';

const SOURCES = { app: 'type: file, include: [/a.log]', pipe: 'type: stdin' };
const SINKS = { out: 'type: console', backend: 'type: otlp' };
const PIPELINES = { logs: 'from: [app], stages: [json], to: [out]', pipes: 'from: [pipe], to: [out]' };

interface Text {
  readonly top?: string;
  readonly sources?: Record<string, string>;
  readonly pipelines?: Record<string, string>;
  readonly sinks?: Record<string, string>;
}

async function load({
  top = '',
  sources = SOURCES,
  pipelines = PIPELINES,
  sinks = SINKS,
}: Text): Promise<UsableConfig> {
  const section = (name: string, parts: Record<string, string>): string =>
    `${name}:\n${Object.entries(parts)
      .map(([key, value]) => `  ${key}: { ${value} }\n`)
      .join('')}`;
  const parts = [section('sources', sources), section('pipelines', pipelines), section('sinks', sinks)];
  const text = [top, ...parts].join('\n');
  const loaded = await loadConfig({ text, file: 'app.yaml', env, catalog, loadStage });
  assert.ok(loaded.ok, loaded.ok ? '' : formatErrors(loaded.errors, text));
  return loaded;
}

const NONE = { added: [], removed: [], changed: [] };
const NOTHING: ConfigDiff = { sources: NONE, pipelines: NONE, sinks: NONE, settings: [], stages: [] };

const CASES: { readonly name: string; readonly next: Text; readonly expected: Partial<ConfigDiff> }[] = [
  {
    name: 'nothing in other white space',
    next: { sources: { ...SOURCES, app: 'include:   [/a.log], type: file' } },
    expected: { sources: { ...NONE, changed: ['app'] } },
  },
  {
    name: 'nothing in the order of components',
    next: { sinks: { backend: SINKS.backend, out: SINKS.out } },
    expected: {},
  },
  {
    name: 'a source that came, one that went and one that has other options',
    next: {
      sources: { more: 'type: file, include: [/b.log]', app: 'type: file, include: [/c.log]' },
      pipelines: { logs: PIPELINES.logs, pipes: 'from: [more], to: [out]' },
    },
    expected: {
      sources: { added: ['more'], removed: ['pipe'], changed: ['app'] },
      pipelines: { ...NONE, changed: ['pipes'] },
    },
  },
  {
    name: 'other stages',
    next: { pipelines: { ...PIPELINES, logs: 'from: [app], stages: [json, { remove: [a] }], to: [out]' } },
    expected: { pipelines: { ...NONE, changed: ['logs'] }, stages: ['logs'] },
  },
  {
    name: 'other ways out with the same stages',
    next: { pipelines: { ...PIPELINES, logs: 'from: [app], stages: [json], to: [out, backend]' } },
    expected: { pipelines: { ...NONE, changed: ['logs'] } },
  },
  {
    name: 'keys at the top',
    next: { top: 'drain_timeout: 5s\nlog_level: warn' },
    expected: { settings: ['drain_timeout', 'log_level'] },
  },
];

for (const { name, next, expected } of CASES) {
  test(`diffConfig() finds ${name}`, async () => {
    const found = diffConfig((await load({})).written, (await load(next)).written);
    assert.deepEqual(found, { ...NOTHING, ...expected });
    assert.equal(isSame(found), Object.keys(expected).length === 0);
  });
}

test('checkReload() refuses what needs a new process, and nothing else', async () => {
  const old = await load({});
  const onceOnly = old.config.sources.map((source) => {
    return source.name === 'pipe' ? { ...source, definition: { ...source.definition, isReadOnce: true } } : source;
  });
  const next = await load({
    top: 'state: /elsewhere\nadmin: {}\ndrain_timeout: 5s\nlog_level: warn\nresource: { a: b }\nreload: manual',
    sources: { app: 'type: file, include: [/b.log]' },
    pipelines: { logs: PIPELINES.logs },
  });
  const diff = diffConfig(old.written, next.written);
  const errors = checkReload({ ...old.config, sources: onceOnly }, next.config, diff);
  assert.deepEqual(
    errors.map(({ code, path, message }) => [code, path, message]),
    [
      ['ERR_RELOAD_RESTART', ['state'], 'Cannot change "state" while the agent runs'],
      ['ERR_RELOAD_RESTART', ['admin'], 'Cannot change "admin" while the agent runs'],
      [
        'ERR_RELOAD_RESTART',
        ['sources', 'pipe'],
        'Cannot change source "pipe" while the agent runs: its input can be opened only once',
      ],
    ],
  );
});

test('a file of stages and an own stage are among the files of a configuration, also of a wrong one', async () => {
  const stages = '[use: ./mask.ts, use: ./none.yaml]';
  const text = `sources: { app: { type: file, include: [/a] } }\npipelines: { p: { from: [app], stages: ${stages}, to: [out] } }\nsinks: { out: { type: console } }`;
  const loaded = await loadConfig({ text, file: '/etc/app.yaml', env, catalog, loadStage });
  assert.equal(loaded.ok, false);
  assert.deepEqual(loaded.files, ['/etc/app.yaml', '/etc/mask.ts', '/etc/none.yaml']);
});
