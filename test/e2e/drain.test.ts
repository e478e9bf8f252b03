import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addUp, adminOf, askLedger } from '../harness/admin.ts';
import { PillionProcess, runPillion, startAgent } from '../harness/agent-process.ts';
import { MAX_IN_FLIGHT, MAX_REQUEST_RECORDS } from '../harness/agent-setting.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { LINE_BYTES, NumberedLog } from '../harness/numbered-log.ts';
import { prepare } from '../harness/setting.ts';

const limit = { timeout: 60_000 };

test(
  'DRN-01 SIGTERM straight after the last write delivers a backlog, rotated and deleted files, and a file younger than one poll',
  limit,
  async (t) => {
    const { folder, logs, backend, config } = await prepare(t, { source: { poll_interval: '1h' } });
    const log = new NumberedLog(folder);
    const deleted = join(logs, 'deleted.log');
    const line = (): string => `{"line":${++log.written},"of":"another file"}\n`;
    writeFileSync(deleted, line());
    backend.behaviour = 503;
    const agent = await startAgent(t, folder, config);
    await agent.until(
      'both files are open',
      () => agent.log.filter(({ msg }) => msg === 'Reading a file.').length === 2,
    );
    log.write(20_000);
    log.rotate();
    log.write(10);
    for (let i = 0; i < 5000; i++) appendFileSync(deleted, line());
    await until('the agent waits with files unread', async () => addUp(await askLedger(agent)).unread > 0);
    rmSync(deleted);
    log.rotate();
    log.write(10);
    backend.behaviour = 'take';
    writeFileSync(join(logs, 'young.log'), line());
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
    assert.deepEqual(backend.missing(log.written), []);
    assert.equal(agent.summary.readRecords, log.written);
    assert.equal(agent.summary.unreadBytes + agent.summary.abandonedRecords, 0);

    const { requests } = backend;
    const second = await startAgent(t, folder, config);
    assert.equal(await second.end('SIGTERM'), 0, second.stderr);
    assert.equal(backend.requests, requests, 'a restart sends nothing');
  },
);

test(
  'DRN-04 a backend that hangs ends the drain in time; what is unanswered is named by file, stays before the offset, and comes once',
  limit,
  async (t) => {
    const { folder, logs, backend, config } = await prepare(t, { top: { drain_timeout: '1s' } });
    for (const name of ['a', 'b']) writeFileSync(join(logs, `${name}.log`), '');
    const agent = await startAgent(t, folder, config);
    appendFileSync(join(logs, 'a.log'), '{"line":1}\n');
    await agent.until('a line arrives', () => backend.distinct === 1);
    await until('it is committed', async () => addUp(await askLedger(agent)).inFlight === 0);
    backend.behaviour = 'hang';
    appendFileSync(join(logs, 'a.log'), '{"line":2}\n');
    appendFileSync(join(logs, 'b.log'), '{"line":3}\n{"line":4}\n');
    const startMs = performance.now();
    assert.equal(await agent.end('SIGTERM'), 1, agent.stderr);
    const drainMs = performance.now() - startMs;
    assert.ok(drainMs >= 1000 && drainMs < 1750, `${drainMs} ms, the end of the process included`);
    const { left, msg } = agent.summary;
    assert.deepEqual(left, [
      { path: join(logs, 'b.log'), unreadBytes: 0, unansweredBytes: 22 },
      { path: join(logs, 'a.log'), unreadBytes: 0, unansweredBytes: 11 },
    ]);
    assert.ok(msg.endsWith(`Left: "${logs}/b.log" (22 bytes unanswered), "${logs}/a.log" (11 bytes unanswered).`), msg);

    backend.behaviour = 'take';
    const second = await startAgent(t, folder, config);
    assert.equal(await second.end('SIGTERM'), 0, second.stderr);
    assert.deepEqual(
      [...backend.lines.entries()].toSorted(),
      [1, 2, 3, 4].map((line) => [line, 1]),
    );
  },
);

test(
  'DRN-05 beside an application that still writes, reading ends before the deadline; what is unread is named, and comes once',
  limit,
  async (t) => {
    const { folder, backend, config } = await prepare(t, {
      // A fifth of it is for answers.
      top: { drain_timeout: '3s' },
      // As long as nothing comes for so long, nobody seems to write any more.
      source: { poll_interval: '250ms' },
    });
    const log = new NumberedLog(folder);
    const agent = await startAgent(t, folder, config);
    log.write(100);
    await agent.until('lines arrive', () => backend.distinct === 100);
    agent.kill('SIGTERM');
    const startMs = performance.now();
    await until('the agent has ended', () => {
      log.write(20);
      return agent.hasEnded;
    });
    const drainMs = performance.now() - startMs;
    assert.equal(await agent.ended, 1, agent.stderr);
    assert.ok(drainMs >= 2400 && drainMs < 5000, `${drainMs} ms`);
    const { readBytes, unreadBytes, abandonedRecords, left } = agent.summary;
    assert.ok(unreadBytes > 0 && readBytes + unreadBytes <= LINE_BYTES * log.written);
    assert.equal(abandonedRecords, 0, 'every answer was waited for');
    assert.deepEqual(
      left?.map(({ unreadBytes }) => unreadBytes),
      [unreadBytes],
    );

    const second = await startAgent(t, folder, config);
    assert.equal(await second.end('SIGTERM'), 0, second.stderr);
    assert.deepEqual(backend.missing(log.written), []);
    assert.equal(backend.repeats, 0);
  },
);

test('DRN-06 drain before SIGTERM sends without delay from then on, and does not end the agent', limit, async (t) => {
  const { folder, backend, config } = await prepare(t, { sink: { flush_interval: '1h' } });
  const agent = await startAgent(t, folder, config);
  const log = new NumberedLog(folder);
  log.write(3);
  await until('the lines wait for company', async () => addUp(await askLedger(agent)).inFlight === 3);
  assert.equal(backend.requests, 0);
  const args = ['--address', await adminOf(agent)];
  const drain = await runPillion(t, ['drain', ...args], { cwd: folder });
  assert.deepEqual(drain, { exit: 0, stdout: 'The agent sends everything at once from now on.\n', stderr: '' });
  await agent.until('they arrive', () => backend.distinct === 3);
  for (let written = 4; written < 8; written++) {
    log.write(1);
    await agent.until('a line arrives alone', () => backend.distinct === written);
  }
  assert.equal((await askLedger(agent)).state, 'eager');
  assert.ok(!agent.hasEnded);
  log.write(1);
  const startMs = performance.now();
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assert.ok(performance.now() - startMs < 2000);
  assert.deepEqual(backend.missing(log.written), []);
  assert.equal(backend.repeats, 0);
});

test('DRN-06 drain --hold keeps a preStop hook open for that long, also when no agent answers', limit, async (t) => {
  const { folder, config } = await prepare(t);
  const agent = await startAgent(t, folder, config);
  for (const { args, exit, says } of [
    { args: ['--address', await adminOf(agent)], exit: 0, says: /sends everything at once/ },
    { args: ['--address', '127.0.0.1:1'], exit: 1, says: /ERR_ADMIN_CONNECT/ },
    { args: ['--hold', 'soon'], exit: 2, says: /--hold.*ERR_USAGE/ },
  ]) {
    const startMs = performance.now();
    const drain = await runPillion(t, ['drain', '--hold', '600ms', ...args], { cwd: folder });
    assert.equal(drain.exit, exit, drain.stderr);
    assert.match(drain.stdout + drain.stderr, says);
    if (exit !== 2) assert.ok(performance.now() - startMs >= 600);
  }
  const held = new PillionProcess(t, ['drain', '--hold', '1h', '--address', await adminOf(agent)], { cwd: folder });
  await held.until('it holds', () => held.stdout !== '');
  assert.equal(await held.end('SIGTERM'), 0, 'the kubelet gives up the hook at the end of the grace period');
});

test('DRN-07 SIGTERM during start ends it within a second, and leaves the checkpoint alone', limit, async (t) => {
  const { folder, backend, config } = await prepare(t, { pipeline: { stages: [{ use: './slow.ts' }] } });
  new NumberedLog(folder).write(1);
  // An import that takes its time stands for everything that a start may wait for.
  writeFileSync(
    join(folder, 'slow.ts'),
    `process.stderr.write('importing\\n');
     await new Promise((resolve) => setTimeout(resolve, 60_000));`,
  );
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config));
  const agent = new PillionProcess(t, ['run'], { cwd: folder });
  await agent.until('it is starting', () => agent.stderr.includes('importing'));
  const startMs = performance.now();
  assert.equal(await agent.end('SIGTERM'), 143);
  assert.ok(performance.now() - startMs < 1000);
  assert.ok(!existsSync(join(folder, 'state')));
  assert.equal(backend.requests, 0);
});

test('DRN-08 SIGKILL during the drain repeats at most what was in flight', limit, async (t) => {
  const { folder, backend, config } = await prepare(t);
  const log = new NumberedLog(folder);
  const agent = await startAgent(t, folder, config);
  log.write(5000);
  backend.behaviour = 'take_silently';
  agent.kill('SIGTERM');
  await agent.until('it drains', () => backend.requests >= MAX_IN_FLIGHT);
  assert.equal(await agent.end('SIGKILL'), 'SIGKILL');
  await until('what was under way has arrived', async () => (await backend.connections()) === 0);
  backend.behaviour = 'take';
  const second = await startAgent(t, folder, config);
  assert.equal(await second.end('SIGTERM'), 0, second.stderr);
  assert.deepEqual(backend.missing(log.written), []);
  assert.ok(backend.repeats > 0 && backend.repeats <= MAX_IN_FLIGHT * MAX_REQUEST_RECORDS, `${backend.repeats}`);
});

test(
  'DRN-08 a checkpoint that cannot be written during the drain is said, and the exit code tells',
  limit,
  async (t) => {
    const { folder, backend, config } = await prepare(t);
    const log = new NumberedLog(folder);
    const agent = await startAgent(t, folder, config);
    log.write(100);
    await agent.until('lines arrive', () => backend.distinct === 100);
    rmSync(join(folder, 'state'), { recursive: true });
    log.write(100);
    assert.equal(await agent.end('SIGTERM'), 1, agent.stderr);
    assert.deepEqual(backend.missing(log.written), []);
    assert.ok(agent.log.some(({ msg }) => /^The checkpoint cannot be written/.test(String(msg))));
    const { readRecords, deliveredRecords, unreadBytes } = agent.summary;
    assert.deepEqual([readRecords, deliveredRecords, unreadBytes], [200, 200, 0]);
  },
);

test('DRN-09 summary and termination message say what became of 10,000 files, in 4,096 bytes', {
  timeout: 180_000,
}, async (t) => {
  const logs = temporaryFolder(t, 'memory');
  const { folder, backend, config } = await prepare(t, {
    top: { termination_message: 'message', drain_timeout: '1s' },
    source: { include: [join(logs, '*.log')] },
  });
  const files = 10_000;
  for (let file = 0; file < files; file++) writeFileSync(join(logs, `${file}.log`), `{"line":${file + 1}}\n`);
  const bytes = Array.from({ length: files }, (_, file) => `{"line":${file + 1}}\n`).join('').length;
  const agent = await startAgent(t, folder, config);
  // So many files are opened one after the other first, which takes seconds.
  await agent.until('some lines arrive', () => backend.distinct > 1000, 120_000);
  backend.behaviour = 'hang';
  assert.equal(await agent.end('SIGTERM'), 1, agent.stderr);
  const { readBytes, unreadBytes, readRecords, deliveredRecords, abandonedRecords } = agent.summary;
  const { left = [], leftFiles } = agent.summary;
  assert.equal(readBytes + unreadBytes, bytes);
  assert.equal(deliveredRecords, backend.distinct);
  assert.equal(abandonedRecords, readRecords - deliveredRecords);
  assert.equal(leftFiles, files - backend.distinct);
  assert.equal(left.length, 50);

  const message = readFileSync(join(folder, 'message'), 'utf8');
  assert.ok(Buffer.byteLength(message) <= 4096 && Buffer.byteLength(message) > 3500, `${Buffer.byteLength(message)}`);
  const rests = message.slice(message.indexOf('Left:'));
  const sumOf = (what: string): number =>
    [...rests.matchAll(new RegExp(`([\\d,]+) bytes ${what}`, 'g'))]
      .map(([, digits = '']) => Number(digits.replaceAll(',', '')))
      .reduce((a, b) => a + b, 0);
  const delivered = [...backend.lines.keys()].reduce((sum, line) => sum + `{"line":${line}}\n`.length, 0);
  assert.equal(sumOf('unread'), unreadBytes);
  assert.equal(sumOf('unread') + sumOf('unanswered'), bytes - delivered);
  assert.match(rests, / [\d,]+ more files \(/);
});

test('DRN-09 a termination message that cannot be written is said', limit, async (t) => {
  const { folder, config } = await prepare(t, { top: { termination_message: 'missing/message' } });
  const agent = await startAgent(t, folder, config);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assert.ok(agent.log.some(({ msg }) => msg === 'The termination message cannot be written.'));
});
