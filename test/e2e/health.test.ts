import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADMIN, adminOf, healthOf } from '../harness/admin.ts';
import { runPillion, startAgent } from '../harness/agent-process.ts';
import { sinkTo } from '../harness/agent-setting.ts';
import { askHttp } from '../harness/ask-http.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';

const limit = { timeout: 120_000 };

test('an application that goes down and comes back is seen in probes, metrics and records', limit, async (t) => {
  const folder = temporaryFolder(t);
  let status = 500;
  const application = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  t.after(() => void application.close());
  const backend = await OtlpBackend.open(t);
  const agent = await startAgent(t, folder, {
    state: join(folder, 'state'),
    health: { listen: '127.0.0.1:0' },
    admin: ADMIN,
    sources: {
      shop: {
        type: 'health',
        http: `127.0.0.1:${(application.address() as AddressInfo).port}`,
        interval: '1s',
        failure_threshold: 2,
        readiness: true,
      },
    },
    pipelines: { health: { from: ['shop'], to: ['scrape', 'backend'] } },
    sinks: { scrape: { type: 'prometheus', listen: '127.0.0.1:0', target_labels: false }, backend: sinkTo(backend) },
  });
  const port = await healthOf(agent);
  const ask = (path: string) => askHttp(port, 'GET', path);
  await agent.logged('Metrics can be scraped.');
  const url = String(agent.log.find(({ msg }) => msg === 'Metrics can be scraped.')?.['url']);
  const up = async (): Promise<string | undefined> =>
    /^health_check_up\{health_check_name="shop",health_check_type="http"\} (.*)$/m.exec(
      await (await fetch(url)).text(),
    )?.[1];

  await until('it is down', async () => (await up()) === '0');
  assert.equal((await ask('/startupz')).status, 200, 'the agent has started all the same');
  assert.equal((await ask('/livez')).status, 200);
  const notReady = await ask('/readyz');
  assert.equal(notReady.status, 503);
  assert.match(notReady.body, /^\[-\] application of shop: down \(http_500\)$/m);
  const args = ['status', '--ready', '--address', await adminOf(agent)];
  const asked = await runPillion(t, args, { cwd: folder });
  assert.equal(asked.exit, 1);
  assert.match(asked.stderr, /^pillion: The agent is not ready \(ERR_NOT_READY\)\n/);
  assert.match(asked.stderr, /application of shop: down \(http_500\): Answer has status 500/);

  status = 200;
  await until('it is up', async () => (await up()) === '1');
  assert.equal((await ask('/readyz')).status, 200);
  await until('both changes have arrived', () => backend.arrivals.length === 2);
  assert.deepEqual(
    backend.arrivals.map(({ record }) => record.severityNumber),
    [17, 9],
  );
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
});

test('the example is right', limit, async (t) => {
  const example = join(import.meta.dirname, '../../examples/health.yaml');
  const { exit, stderr } = await runPillion(t, ['check', example], { cwd: temporaryFolder(t) });
  assert.equal(exit, 0, stderr);
});
