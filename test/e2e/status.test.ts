import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AgentReport } from '../../src/agent/agent-report.ts';
import { adminOf } from '../harness/admin.ts';
import { runPillion, startAgent } from '../harness/agent-process.ts';
import { sinkTo } from '../harness/agent-setting.ts';
import { NumberedLog } from '../harness/numbered-log.ts';
import { prepare } from '../harness/setting.ts';

const limit = { timeout: 60_000 };

test('status prints how far the agent is, for people and as JSON', limit, async (t) => {
  const { folder, logs, backend, config } = await prepare(t);
  const agent = await startAgent(t, folder, config);
  new NumberedLog(folder).write(10);
  await agent.until('lines arrive', () => backend.distinct === 10);
  const address = await adminOf(agent);
  const people = await runPillion(t, ['status', '--address', address], { cwd: folder });
  assert.equal(people.exit, 0, people.stderr);
  assert.match(people.stdout, new RegExp(`\n${logs}/app.log +1\\.2 KiB +1\\.2 KiB +\\d+ +0 B +`));
  assert.match(people.stdout, /\nbackend +ready +1 +10 +0 +0 +0\n/);
  assert.match(people.stdout, /\nThe ledger adds up\.\n$/);
  const json = await runPillion(t, ['status', '--json', '--address', address], { cwd: folder });
  const report = JSON.parse(json.stdout) as AgentReport;
  assert.equal(report.since_start.deliveredRecords, 10);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);

  const nobody = await runPillion(t, ['status', '--address', address], { cwd: folder });
  assert.deepEqual({ exit: nobody.exit, stdout: nobody.stdout }, { exit: 1, stdout: '' });
  assert.match(
    nobody.stderr,
    /^pillion: Cannot ask an agent at 127\.0\.0\.1:\d+: connect ECONNREFUSED .*\(ERR_ADMIN_CONNECT\)\n {2}hint: Start it, with "admin: \{\}" in its configuration/,
  );
});

test('status says what is wrong with the address that it is given', limit, async (t) => {
  const { folder, config } = await prepare(t);
  const outside = await runPillion(t, ['status', '--address', '192.0.2.1:9595'], { cwd: folder });
  assert.equal(outside.exit, 2);
  assert.match(outside.stderr, /^pillion: Cannot use "192\.0\.2\.1:9595" for "--address": expected a loopback address/);
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify({ ...config, admin: undefined }));
  const none = await runPillion(t, ['drain', '--config', 'pillion.yaml'], { cwd: folder });
  assert.equal(none.exit, 2);
  assert.match(none.stderr, /^pillion: Cannot ask the agent of pillion\.yaml: it has no admin address/);
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify({ ...config, admin: { listen: '0.0.0.0:9595' } }));
  const wide = await runPillion(t, ['check', 'pillion.yaml'], { cwd: folder });
  assert.equal(wide.exit, 2);
  assert.match(wide.stderr, /expected a loopback address and a port, such as 127\.0\.0\.1:9595/);
});

test('an agent whose admin address is taken does not start, and says so', limit, async (t) => {
  const { folder, backend, config } = await prepare(t);
  const agent = await startAgent(t, folder, config);
  const taken = { ...config, state: join(folder, 'other'), admin: { listen: await adminOf(agent) } };
  writeFileSync(join(folder, 'taken.yaml'), JSON.stringify(taken));
  const second = await runPillion(t, ['run', '--config', 'taken.yaml'], { cwd: folder });
  assert.equal(second.exit, 2, second.stderr);
  assert.match(second.stderr, /Cannot listen on admin address "127\.0\.0\.1:\d+": .*EADDRINUSE/);
  assert.equal(backend.requests, 0);
});

test('an agent whose admin address is taken ends though its sinks are at work', limit, async (t) => {
  const { folder, backend, config } = await prepare(t);
  const agent = await startAgent(t, folder, config);
  const taken = {
    ...config,
    state: join(folder, 'other'),
    admin: { listen: await adminOf(agent) },
    pipelines: { logs: { from: ['app'], stages: ['severity_metrics'], to: ['backend', 'scrape'] } },
    sinks: { backend: sinkTo(backend), scrape: { type: 'prometheus', listen: '127.0.0.1:0' } },
  };
  writeFileSync(join(folder, 'taken.yaml'), JSON.stringify(taken));
  const second = await runPillion(t, ['run', '--config', 'taken.yaml'], { cwd: folder });
  assert.equal(second.exit, 2, second.stderr);
  assert.match(second.stderr, /\(ERR_ADMIN_LISTEN\)/);
});
