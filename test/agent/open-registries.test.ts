import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Checkpoint } from '../../src/agent/checkpoint.ts';
import { openRegistries } from '../../src/agent/open-registries.ts';
import { planReaders } from '../../src/agent/plan-readers.ts';
import type { ReaderChoice } from '../../src/component/definition.ts';
import type { AgentConfig } from '../../src/config/agent-config.ts';
import type { Sink } from '../../src/core/contracts.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import type { MetricProducer } from '../../src/core/metric.ts';
import { counterStage } from '../../src/stages/metrics/counter.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { batchOf } from '../harness/batch.ts';
import { MemorySection } from '../harness/files.ts';
import { shown, specOf } from '../harness/registry.ts';
import { plannable } from './plannable.ts';

const PER_SINK: ReaderChoice = { readers: 'per_sink' };
const SHARED: ReaderChoice = { readers: 'shared' };
/** Sinks that take metrics; the others take records alone. */
const METRIC_SINKS = ['scrape', 'push', 'other'];

/** A sink that takes records, and forgets them. */
class StubSink implements Sink {
  readonly producers: MetricProducer[] = [];

  write(): boolean {
    return true;
  }
  async ready(): Promise<void> {}
  async flush(): Promise<void> {}
  async close(): Promise<void> {}
}

/** One that remembers which metrics it was given. */
class MetricStubSink extends StubSink {
  addMetrics(producer: MetricProducer): () => void {
    this.producers.push(producer);
    return () => {};
  }
}

/** One life: what its sinks are shown after each pipeline has counted one record, and what it leaves. */
function live(choice: ReaderChoice, to: readonly string[], stored: unknown) {
  const logged: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) };
  const logger = createLogger({ level: 'info', pretty: false, stream: stream as never });
  const options = { name: 'lines', labels: {}, scale: 1, max_series: 9, max_label_length: 9, expire_after: 60_000 };
  const step = { definition: counterStage, options, label: 'counter', when: undefined, onError: 'forward' as const };
  const plan = plannable({ app: choice }, { logs: { from: ['app'], to } });
  const pipelines = plan.pipelines.map((pipeline) => ({ ...pipeline, stages: [step] }));
  const planned = planReaders({ ...plan, pipelines } as unknown as AgentConfig);
  const sinks = new Map(to.map((name) => [name, METRIC_SINKS.includes(name) ? new MetricStubSink() : new StubSink()]));
  const section = new MemorySection(stored);
  const checkpoint = { section: () => section } as unknown as Checkpoint;
  const parts = { clock: new FakeClock(), logger, metrics: new Metrics(), keys: new KeyTable() };
  const shared = { ...parts, userAgent: 'pillion/1', checkpoint, onInput: () => {} } as never;
  const config = { sinks: to.map((name) => ({ name })) } as unknown as AgentConfig;
  const registries = openRegistries(planned, { config, sinks, shared, before: undefined });
  const counters = Array.from(new Set(registries.byPipeline.values()), (registry) => ({
    registry,
    counter: registry.open(specOf({ name: 'lines', type: 'counter' }), []),
  }));
  registries.begin();
  for (const { registry, counter } of counters) {
    counter.record(batchOf(['x']), 0, 1);
    registry.seal({ onCommit: (counts) => counts.commit() });
  }
  section.write();
  const seen = [...sinks].map(([name, { producers }]) => [name, producers.map((one) => shown(one)['lines{}'])]);
  return { seen: Object.fromEntries(seen) as Record<string, unknown>, stored: section.stored, logged };
}

for (const { name, before, after, expected, says = false } of [
  {
    name: 'the same sinks',
    before: [PER_SINK, ['scrape', 'logs']],
    after: [PER_SINK, ['scrape', 'logs']],
    expected: { scrape: [2], logs: [] },
  },
  {
    name: 'a sink that was the only one',
    before: [PER_SINK, ['scrape']],
    after: [PER_SINK, ['scrape', 'logs']],
    expected: { scrape: [2], logs: [] },
  },
  {
    name: 'a sink that is the only one now',
    before: [PER_SINK, ['scrape', 'logs']],
    after: [PER_SINK, ['scrape']],
    expected: { scrape: [2] },
  },
  {
    name: 'sinks that shared a reader',
    before: [SHARED, ['scrape', 'push']],
    after: [PER_SINK, ['scrape', 'push']],
    expected: { scrape: [2], push: [2] },
  },
  {
    name: 'a sink that shares its reader with one more',
    before: [SHARED, ['scrape']],
    after: [SHARED, ['scrape', 'push']],
    expected: { scrape: [2], push: [2] },
  },
  {
    name: 'a sink with another name',
    before: [PER_SINK, ['scrape', 'logs']],
    after: [PER_SINK, ['other', 'logs']],
    expected: { other: [2], logs: [] },
  },
  {
    name: 'a sink that is new beside others: from now on',
    before: [PER_SINK, ['scrape', 'logs']],
    after: [PER_SINK, ['scrape', 'logs', 'push']],
    expected: { scrape: [2], logs: [], push: [1] },
  },
  {
    name: 'readers that become one: anew, which is said',
    before: [PER_SINK, ['scrape', 'logs']],
    after: [SHARED, ['scrape', 'logs']],
    expected: { scrape: [1], logs: [] },
    says: true,
  },
  {
    name: 'sinks that share a reader from now on: anew',
    before: [PER_SINK, ['scrape', 'push']],
    after: [SHARED, ['scrape', 'push']],
    expected: { scrape: [1], push: [1] },
  },
] as const) {
  test(`CKP-12 openRegistries() goes on for ${name}`, () => {
    const first = live(before[0], before[1], undefined);
    const second = live(after[0], after[1], first.stored);
    assert.deepEqual(second.seen, expected);
    assert.equal(
      second.logged.some(({ msg }) => String(msg).startsWith('The metrics count anew')),
      says,
    );
  });
}

test('openRegistries() opens none where no sink takes metrics', () => {
  assert.deepEqual(live(SHARED, ['logs'], undefined).seen, { logs: [] });
});
