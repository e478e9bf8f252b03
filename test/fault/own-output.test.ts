import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runPillion } from '../harness/agent-process.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

test('DSC-08 check exits with 2 where a source covers the state folder', async (t) => {
  const folder = temporaryFolder(t);
  const config = {
    state: join(folder, 'state'),
    sources: { app: { type: 'file', include: [join(folder, '**')] } },
    pipelines: { logs: { from: ['app'], to: ['out'] } },
    sinks: { out: { type: 'console' } },
  };
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config));
  const { exit, stderr } = await runPillion(t, ['check'], { cwd: folder });
  assert.equal(exit, 2);
  assert.match(stderr, /Source "app" would read what the agent writes/);
});

test('DSC-08 SEC-10 an agent whose own log and state lie among its files does not feed itself', async (t) => {
  const folder = realpathSync(temporaryFolder(t));
  const backend = await OtlpBackend.open(t);
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'logs/app.log'), '{"line":1}\n');
  // The check is content: what it knows to lie there is excluded. The lock is not.
  const config = {
    state: join(folder, 'logs/state'),
    sources: {
      app: {
        type: 'file',
        include: [join(folder, 'logs/**')],
        exclude: [join(folder, 'logs/state/checkpoint')],
        poll_interval: '20ms',
      },
    },
    pipelines: { logs: { from: ['app'], to: ['backend'] } },
    sinks: { backend: { type: 'otlp', endpoint: backend.endpoint, flush_interval: '20ms' } },
    log_level: 'debug',
  };
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config));
  const logPath = join(folder, 'logs/agent.log');
  const log = openSync(logPath, 'a');
  const child = spawn(process.execPath, [MAIN, 'run', '--config', 'pillion.yaml'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', log, log],
  });
  const ended = once(child, 'close');
  t.after(() => child.kill('SIGKILL'));
  await until('the line arrived', () => backend.arrivals.length > 0);
  await until('the own log is refused', () => readFileSync(logPath, 'utf8').includes('"reason":"own_output"'));
  const size = statSync(logPath).size;
  writeFileSync(join(folder, 'logs/other.log'), '{"line":2}\n');
  await until('the other line arrived', () => backend.lines.has(2));
  child.kill('SIGTERM');
  await ended;
  assert.ok(readFileSync(logPath, 'utf8').includes('The state folder lies among the logs'), 'SEC-10');
  assert.deepEqual(backend.foreign, [], 'nothing of its own was sent');
  assert.ok(statSync(logPath).size < size + 4096, 'and nothing fed on itself');
});
