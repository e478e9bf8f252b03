import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemoryUse } from '../../src/agent/cgroup-memory.ts';
import { MemoryGuard } from '../../src/agent/memory-guard.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { RecordingStream } from '../harness/recording-stream.ts';

function setUp() {
  const clock = new FakeClock();
  const metrics = new Metrics();
  const stream = new RecordingStream();
  const changes: boolean[] = [];
  const use = { limitBytes: 1000, usedBytes: 500, stalledPercent: 0 };
  let isGone = false;
  const guard = new MemoryGuard({
    memory: {
      read(): MemoryUse {
        if (isGone) throw new Error('ENODEV');
        return { ...use };
      },
    },
    onChange: (isShort) => changes.push(isShort),
    clock,
    logger: createLogger({ level: 'info', pretty: false, stream }),
    metrics,
  });
  const leave = (): void => {
    isGone = true;
  };
  return { clock, metrics, stream, changes, use, guard, leave };
}

test('run() says once that memory is short, and once that there is enough, with some room between', async (t) => {
  const { clock, metrics, stream, changes, use, guard } = setUp();
  const end = new AbortController();
  t.after(() => end.abort());
  void guard.run(end.signal);
  for (const usedBytes of [790, 810, 900, 790, 710, 690, 790]) {
    use.usedBytes = usedBytes;
    await clock.advance(1000);
  }
  assert.deepEqual(changes, [true, false]);
  assert.deepEqual(
    stream.lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
    ['Memory is short: sinks send smaller requests, one at a time.', 'There is memory enough again.'],
  );
  assert.equal(metrics.sum('pillion_memory_shortages_total'), 1);
  assert.equal(metrics.sum('pillion_memory_used_bytes'), 790);
});

test('run() takes it for short when things wait for memory, whatever is used', async (t) => {
  const { clock, changes, use, guard } = setUp();
  const end = new AbortController();
  t.after(() => end.abort());
  void guard.run(end.signal);
  for (const stalledPercent of [21, 6, 4]) {
    use.stalledPercent = stalledPercent;
    await clock.advance(1000);
  }
  assert.deepEqual(changes, [true, false]);
});

test('add() looks after each two mebibytes, without waiting for the second', () => {
  const { changes, use, guard } = setUp();
  use.usedBytes = 900;
  guard.add(1024 * 1024);
  assert.deepEqual(changes, []);
  guard.add(1024 * 1024);
  assert.deepEqual(changes, [true]);
});

test('add() keeps what was known last when the group is gone', () => {
  const { changes, use, guard, leave } = setUp();
  use.usedBytes = 900;
  guard.add(2 * 1024 * 1024);
  leave();
  guard.add(2 * 1024 * 1024);
  assert.deepEqual(changes, [true]);
});
