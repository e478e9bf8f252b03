import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PrometheusTranslation } from '../../../src/codec/prometheus/translation.ts';
import { WriteEncoder } from '../../../src/sinks/remote-write/write-encoder.ts';
import { bodyPart, countedBatch, countingHistograms, registryOf, specOf } from '../../harness/registry.ts';
import { decodeV2 } from '../../harness/remote-write-reference.ts';

function encoderOf(): WriteEncoder {
  return new WriteEncoder({
    translation: new PrometheusTranslation({
      strategy: 'underscore_escaping_with_suffixes',
      targetLabels: true,
      targetInfo: true,
      scopeLabels: true,
    }),
    externalLabels: [],
    maxRequestSamples: 100,
    version: () => 'v2',
    onConflict: () => {},
  });
}

test('WriteEncoder keeps native histograms as they were, whatever is counted until they are sent', () => {
  const { registry, count } = countingHistograms();
  const encoder = encoderOf();
  count(0.5, 2, 2);
  const [body] = encoder.encode({}, registry.collect(), 1000);
  count(0.5, 2, 2, 2, 100);
  const { series } = decodeV2(body!.body(0, body!.recordCount));
  const histograms = series.flatMap(({ histogram }) => histogram ?? []);
  const sumOf = (counts: Iterable<number>): number => Array.from(counts).reduce((sum, n) => sum + n, 0);
  assert.deepEqual(
    histograms.map(({ count, positive }) => [count, sumOf(positive.values())]),
    [[3, 3]],
  );
});

test('WriteEncoder marks a series as stale behind its last value, also where the clock was put back', () => {
  const { registry, count } = countingHistograms();
  const encoder = encoderOf();
  const group = {};
  count(1);
  const [set] = registry.collect();
  encoder.encode(group, [{ ...set!, unixMs: 5000 }], 5000);
  const [stale] = encoder.encode(group, [], 1000);
  const { series } = decodeV2(stale!.body(0, stale!.recordCount));
  assert.ok(series.length > 0);
  for (const { unixMs } of series) assert.equal(unixMs, 5001);
});

test('WriteEncoder makes requests that share the labels of series, so that many of them may wait', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const { registry } = registryOf({ isVolatile: true });
  const counter = registry.open(specOf({ name: 'requests', type: 'counter', labels: ['path'] }), [bodyPart(0)]);
  const paths = Array.from({ length: 1000 }, (_, i) => `/path/number/${i}`);
  const encoder = encoderOf();
  const group = {};
  const waiting: unknown[] = [];
  const push = (): void => {
    countedBatch(registry, paths, (batch) => {
      for (let record = 0; record < batch.count; record++) counter.record(batch, record, 1);
    }).settle('delivered');
    waiting.push(...encoder.encode(group, registry.collect(), 1000));
  };
  push();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 20; i++) push();
  collectGarbage();
  const bytes = (process.memoryUsage().heapUsed - before) / (20 * paths.length);
  assert.ok(bytes < 350, `a sample that waits takes ${bytes} bytes`);
  assert.equal(waiting.length, 21 * 10);
});
