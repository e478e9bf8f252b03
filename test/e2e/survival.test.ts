import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type PillionProcess, startAgent } from '../harness/agent-process.ts';
import {
  assertAllArrived,
  committedLines,
  MAX_IN_FLIGHT,
  MAX_REQUEST_RECORDS,
  setAgent,
  writeUntil,
} from '../harness/agent-setting.ts';
import { until } from '../harness/files.ts';
import { LINE_BYTES } from '../harness/numbered-log.ts';

const limit = { timeout: 60_000 };

test(
  'BPR-01 agent delivers every line when the backend goes away and the log is rotated twice meanwhile',
  limit,
  async (t) => {
    const { folder, backend, log, config } = await setAgent(t);
    const agent = await startAgent(t, folder, config);
    await writeUntil(agent, log, 'lines arrive', () => backend.distinct > 500);

    // What is taken now is not answered before the backend is gone: these are the lines that must come again.
    backend.behaviour = 'take_silently';
    const answered = backend.distinct;
    await writeUntil(agent, log, 'requests wait for their answers', () => backend.distinct > answered);
    await backend.close();
    const arrivedBefore = backend.distinct;
    await writeUntil(agent, log, 'the agent tries again', () => retriesOf(agent) > 0);
    log.rotate();
    log.write(1000);
    log.rotate();
    log.write(1000);
    assert.equal(backend.distinct, arrivedBefore);

    backend.behaviour = 'take';
    await backend.reopen();
    log.write(100);
    await agent.until('all lines arrived', () => backend.distinct === log.written);
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
    assertAllArrived(backend, log);
    assert.ok(backend.repeats > 0, 'a request that was taken and not answered comes again');
    assert.ok(backend.repeats <= MAX_IN_FLIGHT * MAX_REQUEST_RECORDS, `${backend.repeats} repeats`);
    const { readRecords, deliveredRecords, rejectedRecords } = agent.summary;
    assert.deepEqual(
      { readRecords, deliveredRecords, rejectedRecords },
      { readRecords: log.written, deliveredRecords: log.written, rejectedRecords: 0 },
    );
  },
);

function retriesOf(agent: PillionProcess): number {
  return agent.log.filter(({ msg }) => msg === 'Cannot deliver; the request will be sent again.').length;
}

test('agent delivers every line when it is killed and the log is rotated before it starts again', limit, async (t) => {
  const { folder, backend, log, config } = await setAgent(t);
  const first = await startAgent(t, folder, config);
  await writeUntil(first, log, 'the checkpoint has moved', () => committedLines(folder) > 0);
  backend.behaviour = 'take_silently';
  const answered = backend.distinct;
  await writeUntil(first, log, 'requests wait for their answers', () => backend.distinct > answered);
  assert.equal(await first.end('SIGKILL'), 'SIGKILL');
  await until('what was under way has arrived', async () => (await backend.connections()) === 0);
  const committed = committedLines(folder);
  const delivered = backend.distinct;
  assert.ok(0 < committed && committed < delivered && delivered < log.written, `${committed} of ${delivered}`);

  log.rotate();
  log.write(500);
  backend.behaviour = 'take';
  const second = await startAgent(t, folder, config);
  log.write(500);
  assert.equal(await second.end('SIGTERM'), 0, second.stderr);
  assertAllArrived(backend, log);
  assert.ok(backend.repeats > 0, 'what was taken and is not in the checkpoint comes again');
  assert.ok(backend.repeats <= delivered - committed, `${backend.repeats} of ${delivered - committed} repeats`);

  const { requests } = backend;
  const third = await startAgent(t, folder, config);
  assert.equal(await third.end('SIGTERM'), 0, third.stderr);
  assert.equal(third.summary.readRecords, 0);
  assert.equal(backend.requests, requests);
});

for (const { name, isThere } of [
  { name: 'was there at the start', isThere: true },
  { name: 'came when the agent ran, the first of its name', isThere: false },
]) {
  test(
    `agent delivers every line of a file that ${name}, when it is killed as soon as there is a checkpoint and the file renamed`,
    limit,
    async (t) => {
      const { folder, backend, log, config } = await setAgent(t);
      const path = join(folder, 'logs/app.log');
      const away = join(folder, 'logs/elsewhere');
      if (!isThere) renameSync(path, away);
      // Looks are rare, and nothing is answered: nothing else has the checkpoint written.
      const app = { type: 'file', include: [path], poll_interval: '1m' };
      const rare = { ...config, sources: { app } };
      backend.behaviour = 'hang';
      log.write(100);
      const first = await startAgent(t, folder, rare);
      if (!isThere) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        renameSync(away, path);
      }
      await first.until('there is a checkpoint', () => existsSync(join(folder, 'state/checkpoint')));
      assert.equal(await first.end('SIGKILL'), 'SIGKILL');

      log.rotate();
      log.write(100);
      backend.behaviour = 'take';
      const second = await startAgent(t, folder, rare);
      assert.equal(await second.end('SIGTERM'), 0, second.stderr);
      assertAllArrived(backend, log);
    },
  );
}

test(
  'DRN-01 DRN-02 agent delivers what was written just before SIGTERM, an unterminated line included',
  limit,
  async (t) => {
    const { folder, backend, log, config } = await setAgent(t, {}, { flush_interval: '1h' });
    const agent = await startAgent(t, folder, config);
    log.write(2500);
    log.writeUnterminated();
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
    assertAllArrived(backend, log);
    const { readRecords, readBytes, unreadBytes, deliveredRecords, abandonedRecords, msg } = agent.summary;
    assert.deepEqual(
      { readRecords, readBytes, unreadBytes, deliveredRecords, abandonedRecords },
      {
        readRecords: backend.arrivals.length,
        readBytes: log.written * LINE_BYTES - 1,
        unreadBytes: 0,
        deliveredRecords: backend.arrivals.length,
        abandonedRecords: 0,
      },
    );
    assert.match(
      msg,
      /^Stopped after draining for \d+\.\d s: 2,501 records read \(300,119 bytes\), 2,501 delivered, 0 dropped, 0 rejected\.$/,
    );
    const marked = backend.arrivals.filter(({ record }) => record.attributes.has('pillion.marks'));
    assert.deepEqual(
      marked.map(({ line, record }) => [line, record.attributes.get('pillion.marks')]),
      [[log.written, ['unterminated']]],
    );
  },
);

test('LIN-02 agent goes on with the rest of a line that it took unterminated', limit, async (t) => {
  const { folder, backend, log, config } = await setAgent(t);
  log.write(1);
  log.writeUnterminated();
  const first = await startAgent(t, folder, config);
  assert.equal(await first.end('SIGTERM'), 0, first.stderr);
  assert.equal(backend.distinct, 2);
  log.finishLine();
  log.write(1);
  const second = await startAgent(t, folder, config);
  assert.equal(await second.end('SIGTERM'), 0, second.stderr);
  assertAllArrived(backend, log);
  assert.equal(backend.repeats, 0);
});

test(
  'DRN-04 agent ends at its drain timeout, says what is unanswered, and delivers it in its next life',
  limit,
  async (t) => {
    const { folder, backend, log, config } = await setAgent(t, { drain_timeout: '1s' });
    backend.behaviour = 'hang';
    const first = await startAgent(t, folder, config);
    log.write(250);
    const startMs = performance.now();
    assert.equal(await first.end('SIGTERM'), 1, first.stderr);
    const drainMs = performance.now() - startMs;
    assert.ok(drainMs >= 1000 && drainMs < 3000, `${drainMs} ms`);
    assert.ok(first.log.some(({ msg }) => msg === 'The drain took too long: stopping before everything is delivered.'));
    const { readRecords, deliveredRecords, abandonedRecords, unreadBytes, msg } = first.summary;
    assert.deepEqual(
      { readRecords, deliveredRecords, abandonedRecords, unreadBytes },
      { readRecords: 250, deliveredRecords: 0, abandonedRecords: 250, unreadBytes: 0 },
    );
    assert.match(msg, / 250 without an answer\. Left: "[^"]+\/app\.log" \(30,000 bytes unanswered\)\.$/);

    backend.behaviour = 'take';
    const second = await startAgent(t, folder, config);
    assert.equal(await second.end('SIGTERM'), 0, second.stderr);
    assertAllArrived(backend, log);
    assert.equal(backend.repeats, 0);
  },
);

test('DRN-04 agent says how much is unread when it has to stop before it has read all', limit, async (t) => {
  const { folder, backend, log, config } = await setAgent(t, { drain_timeout: '200ms' });
  backend.behaviour = 503;
  log.write(20_000);
  const first = await startAgent(t, folder, config);
  await first.until('the agent tries again', () => retriesOf(first) > 0);
  assert.equal(await first.end('SIGTERM'), 1, first.stderr);
  const { readBytes, unreadBytes, readRecords, deliveredRecords, abandonedRecords, msg } = first.summary;
  assert.equal(readBytes + unreadBytes, log.written * LINE_BYTES);
  assert.deepEqual({ deliveredRecords, abandonedRecords }, { deliveredRecords: 0, abandonedRecords: readRecords });
  assert.ok(unreadBytes > 0);
  assert.match(
    msg,
    / [\d,]+ bytes unread\. Left: "[^"]+\/app\.log" \([\d,]+ bytes unread, [\d,]+ bytes unanswered\)\.$/,
  );

  backend.behaviour = 'take';
  const second = await startAgent(t, folder, { ...config, drain_timeout: '25s' });
  assert.equal(await second.end('SIGTERM'), 0, second.stderr);
  assertAllArrived(backend, log);
  assert.equal(backend.repeats, 0);
});

test('DRN-07 a second SIGINT ends the agent at once, with 130', limit, async (t) => {
  const { folder, backend, log, config } = await setAgent(t, {}, { flush_interval: '1h' });
  backend.behaviour = 'hang';
  const agent = await startAgent(t, folder, config);
  log.write(1);
  agent.kill('SIGTERM');
  // Nothing but the drain sends a request this early.
  await agent.until('the drain has begun', () => backend.requests > 0);
  const startMs = performance.now();
  assert.equal(await agent.end('SIGINT'), 130);
  assert.ok(performance.now() - startMs < 2000, 'it does not wait for an answer');
});
