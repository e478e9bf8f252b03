import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import { volatileCheckpoint } from '../../src/agent/open-checkpoint.ts';
import { OwnResource } from '../../src/agent/own-resource.ts';
import { buildParts, type Parts } from '../../src/agent/parts.ts';
import type { Shared } from '../../src/agent/shared.ts';
import { catalog } from '../../src/catalog.ts';
import type { UsableConfig } from '../../src/config/agent-config.ts';
import { diffConfig } from '../../src/config/config-diff.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

async function load({ stages = 'dedupe', near = '', to = '[near, far]', readers = 'per_sink', extra = '' } = {}) {
  const text = `sources: { app: { type: file, include: [/a.log], readers: ${readers} } }
pipelines: { logs: { from: [app], stages: [${stages}], to: ${to} } }
sinks: { near: { type: otlp${near} }, far: { type: otlp }${extra} }
`;
  const loaded = await loadConfig({ text, file: 'pillion.yaml', env: {}, catalog, loadStage: loadOwnStage });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded;
}

/** The parts of one configuration, then those of another one. */
async function change(old: UsableConfig, next: UsableConfig, metrics = new Metrics()): Promise<[Parts, () => Parts]> {
  const logger = createLogger({ level: 'silent', pretty: false, stream: new Writable() });
  const clock = new FakeClock();
  const checkpoint = volatileCheckpoint();
  const shared: Shared = {
    ...{ clock, logger, metrics, checkpoint, keys: new KeyTable(), userAgent: 'pillion/1' },
    ledger: new Ledger(metrics, clock, checkpoint.section('ledger')),
    resource: new OwnResource(old.config, logger),
    unmatched: undefined,
    tracer: undefined,
    onInput: () => {},
  };
  const parts = buildParts(old.config, shared);
  const diff = diffConfig(old.written, next.written);
  return [parts, () => buildParts(next.config, shared, { parts, diff })];
}

function names(parts: Parts, before: Parts): Record<string, string> {
  return Object.fromEntries(
    Array.from(parts.pipelines, ([name, pipeline]) => {
      const old = before.pipelines.get(name);
      if (old === pipeline) return [name, 'same'];
      return [name, old?.hasStagesOf(pipeline) ? 'same stages' : 'new'];
    }),
  );
}

for (const { name, next, sinks, pipelines } of [
  {
    name: 'all where nothing has changed',
    next: {},
    sinks: ['near', 'far'],
    pipelines: { 'logs/near': 'same', 'logs/far': 'same' },
  },
  {
    name: 'stages where a sink has changed, and all of the other one',
    next: { near: ', compression: none' },
    sinks: ['far'],
    pipelines: { 'logs/near': 'same stages', 'logs/far': 'same' },
  },
  {
    name: 'sinks where stages have changed',
    next: { stages: 'dedupe, json' },
    sinks: ['near', 'far'],
    pipelines: { 'logs/near': 'new', 'logs/far': 'new' },
  },
  {
    name: 'nothing that other readers have used, when these end',
    next: { readers: 'shared' },
    sinks: [],
    pipelines: { logs: 'new' },
  },
]) {
  test(`buildParts() carries over ${name}`, async () => {
    const [before, build] = await change(await load(), await load(next));
    const after = build();
    const kept = [...after.sinks].filter(([sink, part]) => before.sinks.get(sink) === part).map(([sink]) => sink);
    assert.deepEqual(kept, sinks);
    assert.deepEqual(names(after, before), pipelines);
  });
}

test('buildParts() builds stages anew when other attributes are looked at behind them', async () => {
  const extra = ', scrape: { type: prometheus, listen: "127.0.0.1:0" }';
  const to = (path: string) => `[{ sink: scrape, if: 'attributes.${path} == "a"' }]`;
  const old = await load({ stages: 'clf, http_metrics', to: to('one'), extra });
  for (const { path, expected } of [
    { path: 'one', expected: 'same' },
    { path: 'two', expected: 'new' },
  ]) {
    const [before, build] = await change(old, await load({ stages: 'clf, http_metrics', to: to(path), extra }));
    const after = build();
    assert.deepEqual(names(after, before), { logs: expected });
    await Promise.all([...after.sinks.values()].map((sink) => sink.close()));
  }
});

test('buildParts() leaves what was there as it was, when a new part cannot be built', async () => {
  const metrics = new Metrics();
  const next = await load({ stages: 'json', extra: ', more: { type: console }' });
  const broken = next.config.sinks.map((sink) =>
    sink.name !== 'more'
      ? sink
      : {
          ...sink,
          definition: {
            ...sink.definition,
            build() {
              throw new Error('cannot build it');
            },
          },
        },
  );
  const [before, build] = await change(await load(), { ...next, config: { ...next.config, sinks: broken } }, metrics);
  const gauges = metrics.series().length;
  assert.throws(build, /cannot build it/);
  assert.equal(metrics.series().length, gauges);
  for (const sink of before.sinks.values()) assert.equal(sink.state?.kind, 'ready');
});
