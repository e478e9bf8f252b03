import assert from 'node:assert/strict';
import { appendFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { startAgent } from '../harness/agent-process.ts';
import { startFileSource, temporaryFolder, until } from '../harness/files.ts';
import { NumberedLog } from '../harness/numbered-log.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';

/** A wall clock that somebody sets. */
class JumpingClock extends FakeClock {
  jumpMs = 0;

  override unixMs(): number {
    return super.unixMs() + this.jumpMs;
  }
}

for (const { name, jumpMs } of [
  { name: 'an hour on', jumpMs: 3_600_000 },
  { name: 'an hour back', jumpMs: -3_600_000 },
  { name: 'to 1970', jumpMs: -Date.UTC(2026, 0, 1) },
]) {
  test(`CLK-01 the wall clock jumps ${name}: polls and rotate_wait take as long as ever`, async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'app.log');
    const clock = new JumpingClock();
    writeFileSync(path, 'one\n');
    const options = { include: [path], poll_interval: '1s', rotate_wait: '5s' };
    const source = startFileSource(t, { options, clock });
    await source.sent(1);
    clock.jumpMs = jumpMs;
    utimesSync(path, clock.unixMs() / 1000, clock.unixMs() / 1000);
    appendFileSync(path, 'two\n');
    await until('the line is read', async () => {
      await clock.advance(250);
      return source.bodies.length === 2;
    });
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'three\n');
    await until('the successor is read', async () => {
      await clock.advance(250);
      return source.bodies.length === 3;
    });
    const startMs = clock.nowMs();
    await until('the old file is finished', async () => {
      await clock.advance(250);
      return source.messages.includes('A file is finished.');
    });
    const waitedMs = clock.nowMs() - startMs;
    assert.ok(waitedMs >= 3_000 && waitedMs <= 8_000, `${waitedMs} ms`);
    await source.stop();
    const restarted = startFileSource(t, {
      options: { ...options, poll_interval: '10ms' },
      restored: source.section.stored,
    });
    await restarted.drain();
    assert.deepEqual([source.bodies, restarted.bodies], [['one', 'two', 'three'], []]);
  });
}

test('CLK-03 an agent that was stopped for a while goes on: what timed out is sent again, and nothing bursts', {
  timeout: 30_000,
}, async (t) => {
  const folder = temporaryFolder(t);
  const backend = await OtlpBackend.open(t);
  const log = new NumberedLog(folder);
  const maxRecords = 100;
  const agent = await startAgent(t, folder, {
    state: join(folder, 'state'),
    sources: { app: { type: 'file', include: [join(folder, 'logs/app.log')], poll_interval: '20ms' } },
    pipelines: { logs: { from: ['app'], stages: ['json'], to: ['backend'] } },
    sinks: {
      backend: {
        type: 'otlp',
        endpoint: backend.endpoint,
        timeout: '500ms',
        flush_interval: '20ms',
        max_request_records: maxRecords,
        max_in_flight: 2,
        retry: { initial_interval: '20ms', max_interval: '100ms' },
      },
    },
  });
  log.write(50);
  await agent.until('lines arrive', () => backend.distinct === 50);
  backend.behaviour = 'take_silently';
  log.write(250);
  await agent.until('requests are taken', () => backend.distinct > 50);
  agent.kill('SIGSTOP');
  log.write(50);
  // Longer than the requests may take.
  const endMs = performance.now() + 1500;
  await until('it slept', () => performance.now() > endMs);
  backend.behaviour = 'take';
  const requestsBefore = backend.requests;
  agent.kill('SIGCONT');
  await agent.until('all lines arrived', () => backend.distinct === log.written);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assert.deepEqual(backend.foreign, []);
  assert.ok(backend.repeats > 0 && backend.repeats <= 2 * maxRecords, `${backend.repeats} repeats`);
  assert.ok(backend.requests - requestsBefore < 20, 'no burst');
});

test('CLK-04 times in the log are no business of the tailer: the order is that of the file', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const lines = [
    '2026-03-29T03:00:00+02:00 after',
    '2026-03-29T01:59:59+01:00 before',
    '2099-01-01T00:00:00Z future',
    '1970-01-01T00:00:00Z past',
    '2026-10-25T02:30:00+02:00 first',
    '2026-10-25T02:30:00+01:00 second',
  ];
  writeFileSync(path, '');
  const source = startFileSource(t, { options: { include: [path] } });
  for (const [i, line] of lines.entries()) {
    appendFileSync(path, `${line}\n`);
    await source.sent(i + 1);
  }
  assert.deepEqual(source.bodies, lines);
});
