import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { StateLock } from '../../src/checkpoint/state-lock.ts';
import { type Clock, SystemClock } from '../../src/core/clock.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { temporaryFolder } from '../harness/files.ts';

const warnings: string[] = [];
const log = { warn: (_fields: object, message: string) => void warnings.push(message) };

async function acquire(t: TestContext, folder: string, clock: Clock = new SystemClock()): Promise<StateLock> {
  const handle = await open(folder);
  t.after(() => handle.close());
  return StateLock.acquire(folder, handle, clock, log);
}

/** Another process that takes the lock, and says so. */
async function holder(t: TestContext, folder: string) {
  const source = new URL('../../src/', import.meta.url).href;
  const script = `
    const { open } = await import('node:fs/promises');
    const { StateLock } = await import('${source}checkpoint/state-lock.ts');
    const { SystemClock } = await import('${source}core/clock.ts');
    const folder = process.argv[1];
    await StateLock.acquire(folder, await open(folder), new SystemClock(), console);
    console.log('holds');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

test('CKP-07 acquire() names the living holder, without waiting for anything but its answer', async (t) => {
  const folder = temporaryFolder(t);
  const child = await holder(t, folder);
  await assert.rejects(acquire(t, folder, new FakeClock()), (error: Error) => {
    assert.equal((error as Error & { code: string }).code, 'ERR_STATE_LOCKED');
    assert.ok(error.message.includes(`pid ${child.pid} on ${hostname()}`), error.message);
    return true;
  });
});

test('CKP-08 acquire() takes over at once from a holder that was killed, and cleans up after it', async (t) => {
  const folder = temporaryFolder(t);
  const child = await holder(t, folder);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(readdirSync(folder).length, 1, 'its socket is still there');
  const lock = await acquire(t, folder, new FakeClock());
  assert.equal(readdirSync(folder).length, 1);
  await lock.release();
  assert.deepEqual(readdirSync(folder), []);
});

test('acquire() takes a holder that is stopped and does not answer for alive', async (t) => {
  const folder = temporaryFolder(t);
  const child = await holder(t, folder);
  child.kill('SIGSTOP');
  await assert.rejects(acquire(t, folder), /another agent has it \(one that does not answer\)/);
});

test('release() lets the next one in', async (t) => {
  const folder = temporaryFolder(t);
  await (await acquire(t, folder)).release();
  await (await acquire(t, folder)).release();
});

test('CKP-07 acquire() never gives a folder to two who come at the same time', async (t) => {
  const folder = temporaryFolder(t);
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => acquire(t, folder)));
  const locks = results.filter((result) => result.status === 'fulfilled');
  assert.ok(locks.length <= 1, `${locks.length} hold it`);
  for (const { value } of locks) await value.release();
});

test('acquire() works in a folder whose path is too long for a socket', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const folder = join(temporaryFolder(t), 'x'.repeat(120));
  mkdirSync(folder);
  const lock = await acquire(t, folder);
  await assert.rejects(acquire(t, folder), { code: 'ERR_STATE_LOCKED' });
  await lock.release();
  assert.deepEqual(readdirSync(folder), []);
});

test('acquire() reads only a little of what another one says', async (t) => {
  const folder = temporaryFolder(t);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(`holds ${'x'.repeat(100_000)}`);
  });
  server.listen(join(folder, 'agent-00000000.lock'));
  t.after(() => server.close());
  await once(server, 'listening');
  await assert.rejects(acquire(t, folder), (error: Error) => error.message.length < 500);
});
