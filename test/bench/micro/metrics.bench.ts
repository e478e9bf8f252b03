import { Counter, Histogram, Registry } from 'prom-client';
import { encodeCheckpoint } from '../../../src/checkpoint/checkpoint-format.ts';
import { loadConditions } from '../../../src/condition/library.ts';
import { JsonText } from '../../../src/core/contracts.ts';
import type { Instrument } from '../../../src/core/instruments.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import type { RecordBatch } from '../../../src/core/record-batch.ts';
import type { MetricRegistry } from '../../../src/metrics/metric-registry.ts';
import { counterStage } from '../../../src/stages/metrics/counter.ts';
import { httpMetricsStage } from '../../../src/stages/metrics/http-metrics.ts';
import { batchOf } from '../../harness/batch.ts';
import { bodyPart, registryOf, specOf } from '../../harness/registry.ts';
import { batchOfObjects, buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const BATCHES = 200;
const METHODS = ['GET', 'GET', 'POST', 'PUT'];
const CODES = [200, 200, 201, 304, 404, 500];

await loadConditions();

// What a record costs, beside a library that takes an object of labels.
const objects = Array.from({ length: RECORDS }, (_, i) => ({
  'http.request.method': METHODS[i % METHODS.length]!,
  'http.response.status_code': CODES[i % CODES.length]!,
  'nginx.request_time': (i % 97) / 100,
}));
const keys = new KeyTable();
const batch = batchOfObjects(
  objects.map((object) => JSON.stringify(object)),
  keys,
);
for (const { name, definition, options } of [
  {
    name: 'counter by two labels',
    definition: counterStage,
    options: { name: 'hits', labels: ['http.request.method', 'http.response.status_code'] },
  },
  { name: 'http_metrics', definition: httpMetricsStage, options: {} },
]) {
  const { registry } = registryOf({ isVolatile: true });
  const stage = buildStage(definition as never, options, { ...stageContext(keys), instruments: registry });
  measure(name, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      stage.process(batch);
      registry.seal({ onCommit: (counts) => counts.commit() });
    }
  });
}
const library = new Registry();
const labelNames = ['method', 'code'] as const;
const counter = new Counter({ name: 'hits', help: 'h', labelNames, registers: [library] });
const histogram = new Histogram({ name: 'took', help: 'h', labelNames, registers: [library] });
measure('  prom-client: counter by two labels', RECORDS * BATCHES, () => {
  for (let i = 0; i < BATCHES; i++) {
    for (const object of objects) {
      counter.inc({ method: object['http.request.method'], code: object['http.response.status_code'] });
    }
  }
});
measure('  prom-client: histogram by two labels', RECORDS * BATCHES, () => {
  for (let i = 0; i < BATCHES; i++) {
    for (const object of objects) {
      const labels = { method: object['http.request.method'], code: object['http.response.status_code'] };
      histogram.observe(labels, object['nginx.request_time']);
    }
  }
});

/** What a checkpoint costs with so many series of which a part has changed since the last one. */
function measureCheckpoint(type: 'counter' | 'histogram', series: number, changedPart: number): void {
  const { registry } = registryOf();
  const buckets = { kind: 'explicit', bounds: Array.from({ length: 14 }, (_, i) => 2 ** i) } as const;
  const limits = { maxSeries: series, maxLabelBytes: 256, expireAfterMs: 86_400_000 };
  const spec = specOf({ name: 'm', type, labels: ['id', 'code'], limits, ...(type === 'histogram' && { buckets }) });
  const instrument = registry.open(spec, [bodyPart(0), bodyPart(1)]);
  const all = batchOf(Array.from({ length: series }, (_, i) => `user-${i}|200`));
  count(registry, instrument, all, 1);
  const took: number[] = [];
  let bytes = 0;
  for (let round = 0; round < 9; round++) {
    count(registry, instrument, all, changedPart);
    const startMs = performance.now();
    registry.beginWrite();
    bytes = encodeCheckpoint(new Map([['metrics', new JsonText(registry.snapshot())]])).length;
    registry.endWrite();
    took.push(performance.now() - startMs);
  }
  took.sort((a, b) => a - b);
  const startMs = performance.now();
  registry.collect();
  const collectMs = performance.now() - startMs;
  const what = `${series} series of a ${type}, ${100 * changedPart} % changed`;
  process.stdout.write(
    `${what.padEnd(48)} ${took[4]!.toFixed(1).padStart(6)} ms a checkpoint of ${(bytes / 1e6).toFixed(2)} MB, ` +
      `${collectMs.toFixed(1)} ms to collect\n`,
  );
}

function count(registry: MetricRegistry, instrument: Instrument, batch: RecordBatch, part: number): void {
  for (let record = 0; record < part * batch.count; record++) instrument.record(batch, record, 1.5);
  registry.seal({ onCommit: (counts) => counts.commit() });
}

for (const series of [2000, 100_000]) {
  for (const type of ['counter', 'histogram'] as const) {
    for (const part of [1, 0.01]) measureCheckpoint(type, series, part);
  }
}
