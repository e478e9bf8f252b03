import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { renderMetrics } from '../../src/telemetry/exposition.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { ProcessMetrics } from '../../src/telemetry/process-metrics.ts';
import { until } from '../harness/files.ts';

test('ProcessMetrics tells what the process is and takes', (t) => {
  const metrics = new Metrics();
  const watch = new ProcessMetrics(metrics, 1_700_000_000_500);
  t.after(() => watch.close());
  const text = renderMetrics(metrics.series());
  assert.match(
    text,
    new RegExp(`^pillion_build_info\\{version="[\\d.]+",node_version="${process.versions.node}"\\} 1$`, 'm'),
  );
  assert.equal(metrics.sum('pillion_start_time_seconds'), 1_700_000_000.5);
  const resident = metrics.sum('pillion_memory_resident_bytes');
  const heap = metrics.sum('pillion_memory_heap_bytes');
  const used = metrics.sum('pillion_memory_heap_used_bytes');
  assert.ok(used > 1e6 && used <= heap && heap < resident, `${used} ${heap} ${resident}`);
  assert.ok(metrics.sum('pillion_memory_external_bytes') > 0);
  assert.ok(metrics.sum('pillion_cpu_seconds_total', { mode: 'user' }) > 0);
  assert.match(text, /^# TYPE pillion_cpu_seconds_total counter$/m);
});

test('ProcessMetrics counts collections by kind, and makes no series after the start', async (t) => {
  const metrics = new Metrics();
  const watch = new ProcessMetrics(metrics, 0);
  t.after(() => watch.close());
  const series = metrics.series().length;
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  await until('the collection is counted', () => metrics.sum('pillion_gc_collections_total', { kind: 'major' }) > 0);
  assert.ok(metrics.sum('pillion_gc_seconds_total', { kind: 'major' }) > 0);
  assert.equal(metrics.series().length, series);
});

test('ProcessMetrics sees an event loop that is late', async (t) => {
  const metrics = new Metrics();
  const watch = new ProcessMetrics(metrics, 0);
  t.after(() => watch.close());
  const late = (): number => metrics.sum('pillion_event_loop_delay_seconds', { quantile: '0.99' });
  await until('the loop was late', () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    return late() > 0.1;
  });
});
