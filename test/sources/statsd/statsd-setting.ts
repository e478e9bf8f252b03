import assert from 'node:assert/strict';
import { checkOptions } from '../../../src/component/check-options.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { Legacy } from '../../../src/core/contracts.ts';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import type { MetricPoint } from '../../../src/core/metric.ts';
import { Resource } from '../../../src/core/resource.ts';
import { SourceLedger } from '../../../src/ledger/source-ledger.ts';
import { EventRecords } from '../../../src/sources/event-records.ts';
import { statsdSource } from '../../../src/sources/statsd/index.ts';
import { StatsdMetrics, type StatsdMetricsOptions } from '../../../src/sources/statsd/statsd-metrics.ts';
import { StatsdPackets } from '../../../src/sources/statsd/statsd-packets.ts';
import { StatsdReport } from '../../../src/sources/statsd/statsd-report.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { describe } from '../../codec/prometheus/parse/parsed.ts';
import { MemorySection } from '../../harness/files.ts';
import { MemoryOutput } from '../../harness/output.ts';
import { RecordingStream } from '../../harness/recording-stream.ts';

const BOUNDS = { kind: 'explicit' as const, bounds: [0.01, 0.1, 1] };

/** What takes packets, without any socket, on a clock that stands. */
export function openPackets(changes: Partial<StatsdMetricsOptions> = {}) {
  const clock = new FakeClock();
  const own = new Metrics();
  const stream = new RecordingStream();
  const logger = createLogger({ level: 'info', pretty: false, stream });
  const metrics = new StatsdMetrics({
    maxMetrics: 1000,
    maxSeries: 2000,
    maxTotalSeries: 10_000,
    maxLabelBytes: 256,
    expireAfterMs: 3_600_000,
    maxSetMembers: 10_000,
    setIntervalMs: 10_000,
    timerBuckets: BOUNDS,
    histogramBuckets: { kind: 'explicit', bounds: [1, 10, 100] },
    hasGaugeDeltas: true,
    hasContainer: false,
    resource: () => new Resource(),
    clock,
    ...changes,
  });
  const ledger = new SourceLedger({ source: 'app', routes: ['logs/backend'], metrics: own, clock });
  const events = new EventRecords({
    name: 'statsd',
    resource: () => new Resource(),
    ledger,
    maxBytes: 1000,
  });
  const packets = new StatsdPackets({ metrics, events, report: new StatsdReport('app', own, logger) });
  return {
    clock,
    metrics,
    events,
    ledger,
    /** Takes packets of text. */
    take: (...texts: readonly string[]) => {
      for (const text of texts) packets.take(Buffer.from(text));
    },
    takeBytes: (bytes: Uint8Array) => packets.take(bytes),
    /** What is shown, as text without start times. */
    shown: () =>
      describe(metrics.collect().flatMap(({ families }) => families)).map((line) => line.replace(/ from \d+/, '')),
    points: (name: string): readonly MetricPoint[] =>
      metrics
        .collect()
        .flatMap(({ families }) => families)
        .find((family) => family.name === name)?.points ?? [],
    /** How many lines had each result. */
    results: () => own.sumBy('pillion_statsd_lines_total', 'result'),
    own,
    log: () => stream.lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

/** A source as it is configured; `before`: the one whose place it takes, with what that one leaves. */
export function buildStatsd(
  options: Readonly<Record<string, unknown>>,
  clock: Clock,
  before?: { readonly metrics: Metrics; readonly ledger: SourceLedger; readonly legacy: Legacy },
) {
  const checked = checkOptions(statsdSource.options, options, []);
  assert.ok(checked.ok);
  assert.deepEqual(statsdSource.check!(checked.options), []);
  const stream = new RecordingStream();
  const metrics = before?.metrics ?? new Metrics();
  const ledger = before?.ledger ?? new SourceLedger({ source: 'app', routes: ['logs/backend'], metrics, clock });
  const keys = new KeyTable();
  const input: number[] = [];
  const source = statsdSource.build(checked.options, {
    name: 'app',
    clock,
    logger: createLogger({ level: 'info', pretty: false, stream }),
    metrics,
    keys,
    userAgent: 'pillion/0',
    onInput: (bytes) => input.push(bytes),
    resource: new Resource([['service.name', 'shop']]),
    writtenAttributes: new Map(),
    readers: 1,
    ledger,
    checkpoint: new MemorySection(),
    predecessor: before?.legacy,
  });
  before?.legacy.close();
  const log = () => stream.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { source, metrics, ledger, log, input, output: new MemoryOutput({ keys }) };
}
