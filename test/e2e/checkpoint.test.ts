import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PillionProcess, runPillion, startAgent } from '../harness/agent-process.ts';
import {
  assertAllArrived,
  breakCheckpoint,
  committedLines,
  MAX_REQUEST_RECORDS,
  setAgent,
  sinkTo,
} from '../harness/agent-setting.ts';
import { until } from '../harness/files.ts';
import { LINE_BYTES } from '../harness/numbered-log.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';
import { mountTmpfs, whyNoTmpfs } from '../harness/tmpfs.ts';

const limit = { timeout: 60_000 };

const CANNOT_WRITE = 'The checkpoint cannot be written: until it can, a restart repeats more.';

function saidTimes(agent: PillionProcess, message: string): number {
  return agent.log.filter(({ msg }) => msg === message).length;
}

/** Kills an agent, and waits until what it had sent has arrived. */
async function killed(agent: PillionProcess, backend: OtlpBackend): Promise<void> {
  assert.equal(await agent.end('SIGKILL'), 'SIGKILL');
  await until('what was under way has arrived', async () => (await backend.connections()) === 0);
}

test('CKP-05 DSK-01 a full disk under log and state stops neither delivery nor a restart, and heals', {
  ...limit,
  skip: whyNoTmpfs(),
}, async (t) => {
  const { folder, volume, backend, log, config } = await setAgent(t, {}, {}, mountTmpfs(t, 1024));
  const first = await startAgent(t, folder, config);
  log.write(100);
  await first.until('the checkpoint holds them', () => committedLines(volume) === 100);

  // The application fills the disk, and its last line does not fit.
  const filler = openSync(join(volume, 'filler'), 'w');
  assert.throws(() => {
    for (;;) if (writeSync(filler, Buffer.alloc(4096)) < 4096) throw new Error('short');
  });
  closeSync(filler);
  assert.throws(() => {
    for (;;) log.write(1);
  }, /ENOSPC/);
  const { size } = statSync(join(volume, 'logs/app.log'));
  const wholeLines = Math.floor(size / LINE_BYTES);
  assert.ok(wholeLines >= 100 && wholeLines < log.written);
  await first.until('what is there is delivered', () => backend.distinct === wholeLines);
  if (wholeLines === 100) assert.equal(saidTimes(first, CANNOT_WRITE), 0);
  else await first.logged(CANNOT_WRITE);
  await killed(first, backend);

  const second = await startAgent(t, folder, config);
  await second.logged(CANNOT_WRITE);
  assert.equal(committedLines(volume), 100, 'the one before is valid');
  rmSync(join(volume, 'filler'));
  await second.logged('The checkpoint is written again.');
  await second.until('the checkpoint holds all lines', () => committedLines(volume) === wholeLines);
  assert.equal(saidTimes(second, CANNOT_WRITE), 1, 'said once');
  assert.equal(await second.end('SIGTERM'), 0, second.stderr);
  assert.deepEqual(backend.missing(wholeLines), []);
  assert.ok(backend.repeats <= wholeLines - 100, `${backend.repeats} repeats`);
});

test(
  'CKP-06 a configured state folder that cannot be used ends the start with its path and the cure',
  limit,
  async (t) => {
    const { folder, backend, log, config } = await setAgent(t);
    const state = join(folder, 'file');
    writeFileSync(state, '');
    writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify({ ...config, state }));
    log.write(1);
    const { exit, stderr } = await runPillion(t, ['run', '--config', 'pillion.yaml'], { cwd: folder });
    assert.equal(exit, 2);
    assert.match(
      stderr,
      new RegExp(`Cannot use state folder "${state}": EEXIST.*\\(ERR_STATE_WRITE\\)\\n  hint: Set "state" to a folder`),
    );
    assert.equal(backend.requests, 0);
  },
);

test('CKP-07 a second agent on one state ends with 2, names the holder, and touches nothing', limit, async (t) => {
  const { folder, volume, backend, log, config } = await setAgent(t);
  const first = await startAgent(t, folder, config);
  log.write(10);
  await first.until('the checkpoint holds them', () => committedLines(volume) === 10);
  const state = join(volume, 'state');
  const held = () =>
    readdirSync(state).map((name) => [name, name === 'checkpoint' ? readFileSync(join(state, name), 'utf8') : '']);
  const before = held();
  const { exit, stderr } = await runPillion(t, ['run', '--config', 'pillion.yaml'], { cwd: folder });
  assert.ok(!first.hasEnded, 'it did not wait for that');
  assert.equal(exit, 2);
  assert.match(stderr, new RegExp(`another agent has it \\(pid ${first.pid} on `));
  assert.deepEqual(held(), before);
  assert.equal(await first.end('SIGTERM'), 0, first.stderr);
  assertAllArrived(backend, log);
  assert.equal(backend.repeats, 0);
});

const canUnshare =
  process.platform === 'linux' && spawnSync('unshare', ['--pid', '--fork', '--kill-child', 'true']).status === 0;

test('CKP-08 the next container takes over from a killed one although both agents are process 1', {
  ...limit,
  skip: canUnshare ? false : 'platform: no process namespaces here',
}, async (t) => {
  const { folder, volume, backend, log, config } = await setAgent(t);
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config));
  const within = ['unshare', '--pid', '--fork', '--kill-child'];
  const start = (): PillionProcess =>
    new PillionProcess(t, ['run', '--config', 'pillion.yaml'], { cwd: folder, within });
  const first = start();
  log.write(10);
  await first.until('the checkpoint holds them', () => committedLines(volume) === 10);
  await killed(first, backend);
  const second = start();
  await second.logged('Agent started.');
  log.write(10);
  await second.until('the rest arrives', () => backend.distinct === 20);
  assert.equal(backend.repeats, 0);
});

test('CRA-02 of four requests the first is not answered: after a kill all four come again, once', limit, async (t) => {
  const { folder, volume, backend, log, config } = await setAgent(t);
  const first = await startAgent(t, folder, config);
  backend.behaviour = 'take_silently';
  log.write(MAX_REQUEST_RECORDS);
  await first.until('the first is taken', () => backend.distinct === MAX_REQUEST_RECORDS);
  backend.behaviour = 'take';
  log.write(3 * MAX_REQUEST_RECORDS);
  await first.until('the others are answered', () => backend.distinct === log.written);
  await killed(first, backend);
  assert.equal(committedLines(volume), 0, 'the mark stays before the request that was not answered');

  const second = await startAgent(t, folder, config);
  assert.equal(await second.end('SIGTERM'), 0, second.stderr);
  assertAllArrived(backend, log);
  assert.deepEqual(new Set(backend.lines.values()), new Set([2]), 'each came twice');
});

for (const { readers, name, repeats } of [
  { readers: 'per_sink', name: 'after a kill neither gets repeats but of its own', repeats: 0 },
  { readers: 'shared', name: 'that share a reader: after a kill that one gets repeats, the other none', repeats: 150 },
]) {
  test(`CRA-03 of two sinks one answered, ${name}`, limit, async (t) => {
    const silent = await OtlpBackend.open(t);
    const { folder, volume, backend, log, config } = await setAgent(t);
    const { sources } = config as { sources: { app: object } };
    const both = {
      ...config,
      sources: { app: { ...sources.app, readers } },
      pipelines: { logs: { from: ['app'], stages: ['json'], to: ['backend', 'silent'] } },
      sinks: { backend: sinkTo(backend), silent: sinkTo(silent) },
    };
    const reader = readers === 'shared' ? 'app' : 'app/backend';
    silent.behaviour = 'hang';
    const first = await startAgent(t, folder, both);
    log.write(150);
    await first.until('one has answered', () => backend.distinct === 150 && silent.requests > 0);
    const committed = 150 - repeats;
    await first.until('it is committed', () => committedLines(volume, reader) === committed);
    await killed(first, backend);
    assert.equal(committedLines(volume, reader), committed);

    silent.behaviour = 'take';
    const second = await startAgent(t, folder, both);
    log.write(50);
    assert.equal(await second.end('SIGTERM'), 0, second.stderr);
    assertAllArrived(backend, log);
    assertAllArrived(silent, log);
    assert.deepEqual([backend.repeats, silent.repeats], [repeats, 0]);
  });
}

test('CRA-04 an agent that is killed again and again gets on in every life that got an answer', limit, async (t) => {
  const { folder, volume, backend, log, config } = await setAgent(t);
  for (let life = 1; life <= 4; life++) {
    const agent = await startAgent(t, folder, config);
    const before = committedLines(volume);
    log.write(50);
    await agent.until('an answer came', () => backend.distinct === log.written);
    const answeredMs = performance.now();
    await agent.until('the mark has moved', () => committedLines(volume) > before);
    assert.ok(performance.now() - answeredMs < 1000, 'before the next kill, were there one each second');
    await killed(agent, backend);
  }
  const last = await startAgent(t, folder, config);
  assert.equal(await last.end('SIGTERM'), 0, last.stderr);
  assertAllArrived(backend, log);
  assert.ok(backend.repeats <= 4 * 50, `${backend.repeats} repeats`);
});

test('DRN-08 SIGKILL during the drain loses nothing', limit, async (t) => {
  const { folder, backend, log, config } = await setAgent(t, {}, { flush_interval: '1h' });
  const first = await startAgent(t, folder, config);
  backend.behaviour = 'take_silently';
  log.write(250);
  first.kill('SIGTERM');
  // Nothing but the drain sends a request this early.
  await first.until('the drain has begun', () => backend.requests > 0);
  await killed(first, backend);
  const taken = backend.distinct;
  backend.behaviour = 'take';
  const second = await startAgent(t, folder, config);
  assert.equal(await second.end('SIGTERM'), 0, second.stderr);
  assertAllArrived(backend, log);
  assert.equal(backend.repeats, taken);
});

test('DRN-08 a checkpoint that cannot be written at the drain is said, and the exit is not 0', limit, async (t) => {
  const { folder, volume, backend, log, config } = await setAgent(t);
  const first = await startAgent(t, folder, config);
  const inTheWay = breakCheckpoint(volume);
  log.write(250);
  assert.equal(await first.end('SIGTERM'), 1, first.stderr);
  assertAllArrived(backend, log);
  assert.equal(backend.repeats, 0);
  assert.equal(saidTimes(first, CANNOT_WRITE), 1);

  rmSync(inTheWay, { recursive: true });
  const second = await startAgent(t, folder, config);
  assert.equal(await second.end('SIGTERM'), 0, second.stderr);
  assert.equal(backend.repeats, 250, 'nobody knows any more that they were delivered');
});
