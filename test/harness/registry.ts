import { FakeClock } from '../../src/core/fake-clock.ts';
import type { InstrumentSpec, ValueReader } from '../../src/core/instruments.ts';
import { CountedLease } from '../../src/core/lease.ts';
import type { MetricPoint, MetricProducer } from '../../src/core/metric.ts';
import type { RecordBatch } from '../../src/core/record-batch.ts';
import { ValueType } from '../../src/core/value-type.ts';
import { MetricRegistry, type MetricRegistryOptions } from '../../src/metrics/metric-registry.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { batchOf } from './batch.ts';

/** A registry, and what it says. */
export interface RegistryParts {
  readonly registry: MetricRegistry;
  readonly clock: FakeClock;
  readonly metrics: Metrics;
  readonly logged: Record<string, unknown>[];
}

/** A registry with a clock that is moved by hand; kept over restarts unless said otherwise. */
export function registryOf(
  options: Partial<MetricRegistryOptions> & { readonly clock?: FakeClock } = {},
): RegistryParts {
  const logged: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) };
  const logger = createLogger({ level: 'debug', pretty: false, stream: stream as never });
  const clock = options.clock ?? new FakeClock();
  const metrics = new Metrics();
  const registry = new MetricRegistry({
    name: 'scrape',
    logger,
    metrics,
    scope: { name: 'pillion', version: '1' },
    restored: undefined,
    isVolatile: false,
    onChange: () => {},
    ...options,
    clock,
  });
  return { registry, clock, metrics, logged };
}

/** A metric with usual limits. */
export function specOf(spec: Partial<InstrumentSpec> & Pick<InstrumentSpec, 'name' | 'type'>): InstrumentSpec {
  const limits = { maxSeries: 2000, maxLabelBytes: 256, expireAfterMs: 3_600_000 };
  return { unit: '', description: '', labels: [], ...spec, limits: { ...limits, ...spec.limits } };
}

/** Gives the body of a record, split at bars: its `part`th piece. */
export function bodyPart(part: number): ValueReader & { type: number; start: number; end: number } {
  return {
    type: ValueType.Empty,
    start: 0,
    end: 0,
    locate(batch: RecordBatch, record: number) {
      const body = batch.text(batch.bodyStart[record]!, batch.bodyEnd[record]!);
      const text = body.split('|')[part] ?? '';
      this.type = text === '' ? ValueType.Empty : ValueType.String;
      this.start = batch.appendText(text);
      this.end = batch.byteLength;
    },
  };
}

/** A batch with these bodies, and the lease under which it is counted. */
export function countedBatch(
  registry: MetricRegistry,
  bodies: readonly string[],
  count: (batch: RecordBatch) => void,
): CountedLease {
  const batch = batchOf(bodies);
  count(batch);
  const lease = new CountedLease(() => {});
  registry.seal(lease);
  return lease;
}

/** What a producer shows, as text: `name{label="value"}` with its value, or with buckets and sum. */
export function shown(producer: MetricProducer): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { families } of producer.collect()) {
    for (const { name, points } of families) {
      for (const point of points) {
        const labels = [...point.labels].map(([label, value]) => `${label}="${value}"`);
        found[`${name}{${labels.join(',')}}`] = stateOf(point);
      }
    }
  }
  return found;
}

function stateOf(point: MetricPoint): unknown {
  switch (point.kind) {
    case 'number':
      return point.value;
    case 'histogram':
      return { counts: Array.from(point.counts), count: point.count, sum: point.sum, min: point.min, max: point.max };
    default:
      return point;
  }
}

/** A registry with a histogram of explicit buckets and one of exponential ones, and what counts values in both, committed. */
export function countingHistograms(): { readonly registry: MetricRegistry; count(...values: number[]): void } {
  const { registry } = registryOf({ isVolatile: true });
  const explicit = specOf({ name: 'took', type: 'histogram', buckets: { kind: 'explicit', bounds: [1] } });
  const exponential = specOf({ name: 'size', type: 'histogram', buckets: { kind: 'exponential', maxBuckets: 160 } });
  const instruments = [registry.open(explicit, []), registry.open(exponential, [])];
  const count = (...values: number[]): void => {
    countedBatch(registry, ['record'], (batch) => {
      for (const value of values) for (const instrument of instruments) instrument.record(batch, 0, value);
    }).settle('delivered');
  };
  return { registry, count };
}
