import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PillionProcess, runPillion, startAgent } from '../harness/agent-process.ts';
import { MAX_IN_FLIGHT, MAX_REQUEST_RECORDS, sinkTo } from '../harness/agent-setting.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';

const limit = { timeout: 60_000 };

function configOf(folder: string, backend: OtlpBackend): object {
  return {
    state: join(folder, 'state'),
    sources: { in: { type: 'stdin', queue: { path: join(folder, 'queue'), max_size: '8MiB' } } },
    pipelines: { logs: { from: ['in'], stages: ['json'], to: ['backend'] } },
    sinks: { backend: sinkTo(backend) },
    drain_timeout: '1s',
  };
}

function linesOf(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => `{"line":${from + i},"msg":"out of a pipe"}\n`).join('');
}

function segmentsIn(folder: string): string[] {
  const queue = join(folder, 'queue');
  return existsSync(queue) ? readdirSync(queue).filter((name) => name.endsWith('.segment')) : [];
}

function queuedBytes(folder: string): number {
  return segmentsIn(folder).reduce((sum, name) => sum + statSync(join(folder, 'queue', name)).size, 0);
}

test(
  'run delivers after SIGKILL what it had taken out of a pipe, and repeats only what was in flight',
  limit,
  async (t) => {
    const folder = temporaryFolder(t);
    const backend = await OtlpBackend.open(t);
    const config = configOf(folder, backend);
    const first = await startAgent(t, folder, config);
    first.write(linesOf(1, 500));
    await first.until('they arrive', () => backend.distinct === 500);
    // From now on the backend takes and does not answer.
    backend.behaviour = 'take_silently';
    const before = queuedBytes(folder);
    const more = linesOf(501, 20_000);
    first.write(more);
    await first.until('all is on disk', () => queuedBytes(folder) >= before + more.length);
    await first.until('requests wait for their answers', () => backend.distinct > 500);
    assert.equal(await first.end('SIGKILL'), 'SIGKILL');
    await until('what was under way has arrived', async () => (await backend.connections()) === 0);
    const taken = backend.distinct;
    assert.ok(taken <= 500 + MAX_IN_FLIGHT * MAX_REQUEST_RECORDS && taken < 20_000);

    backend.behaviour = 'take';
    const second = await startAgent(t, folder, config);
    second.write(linesOf(20_001, 20_100));
    await second.until('all arrive', () => backend.distinct === 20_100);
    assert.equal(await second.end('SIGTERM'), 0, second.stderr);
    assert.deepEqual(backend.missing(20_100), []);
    assert.deepEqual(backend.foreign, []);
    // What was answered just before the kill may not be in the checkpoint.
    assert.ok(backend.repeats <= taken, `${backend.repeats} repeats`);
    assert.deepEqual(segmentsIn(folder), [], 'what is delivered leaves the disk');

    const { requests } = backend;
    const third = await runPillion(t, ['run', '--config', 'pillion.yaml'], { cwd: folder });
    assert.equal(third.exit, 0, third.stderr);
    assert.equal(backend.requests, requests, 'nothing comes again');
  },
);

test('run takes its whole input although the backend is away, and its next life delivers it', limit, async (t) => {
  const folder = temporaryFolder(t);
  const backend = await OtlpBackend.open(t);
  backend.behaviour = 503;
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(configOf(folder, backend)));
  const args = ['run', '--config', 'pillion.yaml'];
  const first = new PillionProcess(t, args, { cwd: folder, input: linesOf(1, 5000) });
  await first.logged('Agent started.');
  const size = linesOf(1, 5000).length;
  await first.until('all is on disk', () => queuedBytes(folder) >= size);
  assert.equal(await first.end('SIGTERM'), 1, 'not everything is delivered');
  backend.behaviour = 'take';
  const second = await runPillion(t, args, { cwd: folder });
  assert.equal(second.exit, 0, second.stderr);
  assert.deepEqual(backend.missing(5000), []);
  assert.equal(backend.repeats, 0);
});

test('check says that a queue is too small for its records', limit, async (t) => {
  const folder = temporaryFolder(t);
  const config = {
    sources: { in: { type: 'stdin', max_record_size: '2MiB', queue: { path: 'queue', max_size: '4MiB' } } },
    pipelines: { logs: { from: ['in'], to: ['screen'] } },
    sinks: { screen: { type: 'console' } },
  };
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config));
  const { exit, stdout, stderr } = await runPillion(t, ['check'], { cwd: folder });
  assert.equal(exit, 2);
  assert.match(stdout + stderr, /Cannot use a queue that is smaller than 4 of the longest records/);
  assert.match(stdout + stderr, /Set "max_size" to 8388608B or more/);
});
