import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planReaders } from '../../src/agent/plan-readers.ts';
import { Reader, type ReaderOutput } from '../../src/agent/reader.ts';
import type { Sink } from '../../src/core/contracts.ts';
import type { MetricProducer } from '../../src/core/metric.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { plannable } from './plannable.ts';

/** A sink that notes what is shown at it, and no more. */
function sinkOf(name: string, notes: string[]): Sink {
  return {
    write: () => true,
    ready: () => Promise.resolve(),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
    addMetrics() {
      notes.push(`${name} shows`);
      return () => notes.push(`${name} hides`);
    },
  };
}

test('Reader.showMetrics() leaves a sink alone that shows them already, and has others show and hide them', () => {
  const notes: string[] = [];
  const [source] = planReaders(plannable({ app: undefined }, { logs: { from: ['app'], to: ['near', 'far'] } }));
  const metrics: MetricProducer = { collect: () => [] };
  const reader = new Reader({
    source: source!,
    plan: source!.readers[0]!,
    built: { metrics, run: () => Promise.resolve() },
    into: {} as ReaderOutput,
    metrics: new Metrics(),
    isLate: false,
  });
  const [near, far, other] = [sinkOf('near', notes), sinkOf('far', notes), sinkOf('other', notes)];
  const noted = (): string[] => notes.splice(0);
  reader.showMetrics(new Map([['near', near]]));
  assert.deepEqual(noted(), ['near shows']);
  reader.showMetrics(
    new Map([
      ['near', near],
      ['far', far],
    ]),
  );
  assert.deepEqual(noted(), ['far shows']);
  reader.showMetrics(
    new Map([
      ['near', other],
      ['far', far],
    ]),
  );
  assert.deepEqual(noted(), ['other shows', 'near hides']);
  reader.retire();
  assert.deepEqual(noted().sort(), ['far hides', 'other hides']);
});
