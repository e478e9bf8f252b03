import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMetrics } from '../../src/telemetry/exposition.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

test('renderMetrics() writes each metric once, with its type and all its series', () => {
  const metrics = new Metrics();
  metrics.counter('pillion_source_records_total', { source: 'a' }).add(3);
  metrics.gauge('pillion_source_files', { source: 'a' }, () => 2);
  metrics.counter('pillion_checkpoint_writes_total', {}).add(1);
  metrics.counter('pillion_source_records_total', { source: 'b' });
  assert.equal(
    renderMetrics(metrics.series()),
    `# HELP pillion_source_records_total Records framed out of what was read.
# TYPE pillion_source_records_total counter
pillion_source_records_total{source="a"} 3
pillion_source_records_total{source="b"} 0
# HELP pillion_source_files Files followed now.
# TYPE pillion_source_files gauge
pillion_source_files{source="a"} 2
# HELP pillion_checkpoint_writes_total Checkpoints written.
# TYPE pillion_checkpoint_writes_total counter
pillion_checkpoint_writes_total 1
`,
  );
});

test('renderMetrics() escapes label values', () => {
  const metrics = new Metrics();
  metrics.counter('pillion_sink_rejected_records_total', { reason: 'a"b\\c\nd' });
  assert.match(renderMetrics(metrics.series()), /\{reason="a\\"b\\\\c\\nd"\} 0\n$/);
});
