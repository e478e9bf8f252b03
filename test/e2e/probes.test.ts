import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { adminOf, healthOf } from '../harness/admin.ts';
import { runPillion, startAgent } from '../harness/agent-process.ts';
import { askHttp } from '../harness/ask-http.ts';
import { until } from '../harness/files.ts';
import { NumberedLog } from '../harness/numbered-log.ts';
import { prepare } from '../harness/setting.ts';

const limit = { timeout: 60_000 };
const HEALTH = { listen: '127.0.0.1:0' };

test('an agent is started and ready while its backend is away, and says so to who asks for more', limit, async (t) => {
  const { folder, backend, config } = await prepare(t, { top: { health: HEALTH } });
  await backend.close();
  const agent = await startAgent(t, folder, config);
  const port = await healthOf(agent);
  await until('it is started', async () => (await askHttp(port, 'GET', '/startupz')).status === 200);
  new NumberedLog(folder).write(10);
  const verbose = async (): Promise<string> => (await askHttp(port, 'GET', '/readyz?verbose')).body;
  await until('the sink tries again', async () => (await verbose()).includes('[!] sink backend: retrying for 0 s\n'));
  assert.equal((await askHttp(port, 'GET', '/readyz')).status, 200);
  const beside = await runPillion(t, ['status', '--ready', '--address', await adminOf(agent)], { cwd: folder });
  assert.match(beside.stdout, /^ok\n(?:.+\n)+\[!\] sink backend: retrying for \d+ s: .*ECONNREFUSED/);
  assert.equal(beside.exit, 0);
  assert.match((await askHttp(port, 'GET', '/metrics')).body, /^pillion_source_records_total\{/m);
  for (const path of ['/ledger', '/unmatched', '/-/drain']) {
    assert.equal((await askHttp(port, 'GET', path)).status, 404);
    assert.equal((await askHttp(port, 'POST', path)).status, 404);
  }
  await backend.reopen();
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
});

test(
  'status --ready exits with 0 when the agent is ready, and with 1 when it is not or nobody answers',
  limit,
  async (t) => {
    const { folder, config } = await prepare(t, { top: { health: HEALTH } });
    const args = (port: number): string[] => ['status', '--ready', '--config', port === 0 ? 'none.yaml' : 'port.yaml'];
    const agent = await startAgent(t, folder, config);
    const port = await healthOf(agent);
    // As `status` would find it in a container, where the port is fixed; the rest of the file does not matter to it.
    writeFileSync(join(folder, 'port.yaml'), `health: { listen: "0.0.0.0:${port}" }\nsinks: broken\n`);
    const ready = await runPillion(t, args(port), { cwd: folder });
    assert.deepEqual({ exit: ready.exit, stderr: ready.stderr }, { exit: 0, stderr: '' });
    assert.match(ready.stdout, /^ok\n/);
    await agent.end('SIGTERM');
    const gone = await runPillion(t, args(port), { cwd: folder });
    assert.equal(gone.exit, 1);
    assert.match(
      gone.stderr,
      /^pillion: Cannot ask an agent at 127\.0\.0\.1:\d+: connect ECONNREFUSED.*\n.*"health: \{\}"/,
    );
    writeFileSync(join(folder, 'none.yaml'), 'sources: {}\n');
    const none = await runPillion(t, args(0), { cwd: folder });
    assert.equal(none.exit, 2);
    assert.match(none.stderr, /^pillion: Cannot ask the agent of none\.yaml: it has no health address/);
  },
);

test('a folder that does not exist yet does not keep the agent from being started', limit, async (t) => {
  const { folder, logs, backend, config } = await prepare(t, {
    top: { health: HEALTH },
    source: { include: [join('later', '*.log')] },
  });
  const agent = await startAgent(t, folder, config);
  const port = await healthOf(agent);
  await until('it is started', async () => (await askHttp(port, 'GET', '/startupz')).status === 200);
  mkdirSync(join(folder, 'later'));
  writeFileSync(join(folder, 'later/app.log'), '{"line":1}\n');
  await agent.until('the line arrives', () => backend.distinct === 1);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr + logs);
});

test('an agent whose health address is taken does not start, and says so', limit, async (t) => {
  const { folder, config } = await prepare(t);
  const agent = await startAgent(t, folder, config);
  const taken = { ...config, state: join(folder, 'other'), health: { listen: await adminOf(agent) }, admin: undefined };
  writeFileSync(join(folder, 'taken.yaml'), JSON.stringify(taken));
  const second = await runPillion(t, ['run', '--config', 'taken.yaml'], { cwd: folder });
  assert.equal(second.exit, 2, second.stderr);
  assert.match(second.stderr, /Cannot listen on health address "127\.0\.0\.1:\d+": .*EADDRINUSE/);
});
