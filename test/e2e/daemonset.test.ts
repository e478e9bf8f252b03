import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { askLedger, askMetrics, assertLedger } from '../harness/admin.ts';
import { runPillion, startAgent } from '../harness/agent-process.ts';
import { until } from '../harness/files.ts';
import { type LoggedContainer, NodeLogs } from '../harness/node-logs.ts';
import { prepare } from '../harness/setting.ts';
import { ApiServer } from '../kubernetes/api-server.ts';

const limit = { timeout: 120_000 };

interface Written {
  readonly pod: string;
  readonly restarts: number;
}

async function setUp(t: TestContext, changes: Parameters<typeof prepare>[1] = {}) {
  const api = await ApiServer.start(t);
  api.token = 'projected';
  const prepared = await prepare(t, changes);
  const { folder } = prepared;
  const token = join(folder, 'token');
  writeFileSync(token, 'projected\n');
  const root = join(folder, 'pods');
  mkdirSync(root);
  const kubernetes = {
    metadata: 'api',
    server: `http://127.0.0.1:${api.port}`,
    token_file: token,
    labels: ['tier'],
    metadata_wait: '60s',
  };
  const source = {
    type: 'file',
    include: [`${root}/*/*/*.log`],
    poll_interval: '20ms',
    rotate_wait: '200ms',
    kubernetes,
  };
  const config = { ...prepared.config, sources: { app: { ...source, ...changes?.source } } };
  const node = new NodeLogs(root);
  const options = { env: { K8S_NODE_NAME: 'node-1' } };
  return { ...prepared, config, api, node, options };
}

function containerOf(number: number, container = 'app'): LoggedContainer {
  const uid = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  return { namespace: 'shop', pod: `web-${number}`, uid, container };
}

test(
  'a DaemonSet reads every line of pods that come and go, through rotations, with the right attributes',
  limit,
  async (t) => {
    const { folder, backend, config, api, node, options } = await setUp(t);
    const written = new Map<string, Written>();
    let lines = 0;
    const write = (number: number, restarts = 0): void => {
      const container = containerOf(number);
      const texts = Array.from({ length: 20 }, () => `line ${++lines} of ${container.pod}`);
      for (const text of texts) written.set(text, { pod: container.pod, restarts });
      node.write(container, texts, restarts);
    };
    const announce = (number: number): void => {
      const { uid, pod: name } = containerOf(number);
      api.put({ uid, name, labels: { tier: `t${number}` } });
    };
    const agent = await startAgent(t, folder, config, options);
    for (let number = 0; number < 20; number++) {
      write(number);
      announce(number);
    }
    // A file has to be seen once before it may have another name.
    const allArrived = (): Promise<void> =>
      agent.until('the lines arrive', () => backend.arrivals.length >= written.size);
    await allArrived();
    let last = 20;
    for (let round = 0; round < 6; round++) {
      for (let number = last - 20; number < last; number++) {
        if (number % 3 === round % 3) node.rotate(containerOf(number), round >= 3 ? 1 : 0);
        write(number, round >= 3 ? 1 : 0);
      }
      await allArrived();
      for (let i = 0; i < 3; i++) {
        const { uid } = containerOf(last - 20);
        node.remove(containerOf(last - 20));
        api.remove(uid);
        // Written before the cluster tells of it.
        write(last);
        announce(last);
        last++;
      }
      await allArrived();
      if (round === 2) api.closeWatches();
      if (round === 4) {
        api.compact();
        api.closeWatches(true);
      }
    }
    const handles = readdirSync(`/proc/${agent.pid}/fd`).length;
    const report = await askLedger(agent);
    const metrics = await askMetrics(agent);
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);

    const arrived = new Set(backend.arrivals.map(({ record }) => record.body));
    assert.deepEqual(
      [...written.keys()].filter((text) => !arrived.has(text)),
      [],
    );
    assert.equal(backend.arrivals.length, written.size, 'nothing arrived twice');
    for (const { record, resource } of backend.arrivals) {
      const { pod, restarts } = written.get(String(record.body))!;
      assert.equal(resource.get('k8s.pod.name'), pod);
      assert.equal(resource.get('k8s.pod.label.tier'), `t${pod.slice(4)}`);
      assert.equal(Number(resource.get('k8s.container.restart_count')), restarts);
      assert.equal(resource.get('container.image.name'), 'registry.example/app');
      assert.equal(record.attributes.get('log.iostream'), 'stdout');
    }
    assertLedger(report);
    assert.ok(handles < 150, `${handles} handles`);
    assert.equal(metrics.get('pillion_kubernetes_unknown_pods_total{source="app"}'), 0);
    assert.equal(metrics.get('pillion_kubernetes_pods{source="app"}'), 20);
  },
);

test(
  'annotations of a pod choose whether it is read and by which pipeline, and sidecars are left alone',
  limit,
  async (t) => {
    const { folder, backend, config, api, node, options } = await setUp(t);
    const stage = (value: string): object => ({ from: ['app'], stages: [{ set: { way: value } }], to: ['backend'] });
    const pipelines = {
      all: stage('all'),
      special: { ...stage('special'), opt_in: true },
      never: { ...stage('never'), opt_in: true },
    };
    const agent = await startAgent(t, folder, { ...config, pipelines }, options);
    const pod = (number: number, annotations: Record<string, string>, image = 'app:1'): void => {
      const { uid, pod: name } = containerOf(number);
      api.put({ uid, name, annotations, containers: [{ name: 'app', image }] });
      node.write(containerOf(number), [`of ${number}`]);
    };
    pod(1, {});
    pod(2, { 'pillion.dev/pipeline': 'special' });
    pod(3, { 'pillion.dev/pipeline': 'unheard-of' });
    pod(4, { 'pillion.dev/exclude': 'true' });
    pod(5, {}, 'registry.example/pillion:1');
    pod(6, { 'pillion.dev/exclude': 'false' }, 'registry.example/pillion:1');
    node.write(containerOf(7, 'pillion'), ['of the agent']);
    api.put({ uid: containerOf(7).uid, name: 'web-7' });
    await agent.until('the lines arrive', () => backend.arrivals.length >= 4);
    const report = await askLedger(agent);
    // A pod that is excluded while it is read.
    api.put({ uid: containerOf(1).uid, name: 'web-1', annotations: { 'pillion.dev/exclude': 'true' } });
    const excluded = async (): Promise<number> =>
      (await askMetrics(agent)).get('pillion_source_refused_files_total{source="app",reason="excluded"}') ?? 0;
    await until('four files are left to others', async () => (await excluded()) === 4);
    node.write(containerOf(1), ['nobody sees this']);
    node.write(containerOf(2), ['last']);
    await agent.until('the last line arrives', () => backend.arrivals.length >= 5);
    assertLedger(await askLedger(agent));
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
    const ways = backend.arrivals.map(({ record }) => `${String(record.body)} by ${record.attributes.get('way')}`);
    assert.deepEqual(ways.sort(), ['last by special', 'of 1 by all', 'of 2 by special', 'of 3 by all', 'of 6 by all']);
    assertLedger(report);
  },
);

test('a DaemonSet goes on without labels when nobody tells of a pod in time, and counts that', limit, async (t) => {
  const { folder, backend, config, api, node, options } = await setUp(t);
  api.token = 'another';
  const { app } = config.sources;
  const kubernetes = { ...app.kubernetes, metadata_wait: '300ms' };
  const agent = await startAgent(t, folder, { ...config, sources: { app: { ...app, kubernetes } } }, options);
  node.write(containerOf(1), ['early']);
  await agent.until('the line arrives', () => backend.arrivals.length === 1);
  const metrics = await askMetrics(agent);
  assert.equal(metrics.get('pillion_kubernetes_unknown_pods_total{source="app"}'), 1);
  assert.ok((metrics.get('pillion_kubernetes_requests_total{source="app",request="list",result="failed"}') ?? 0) > 0);
  // The kubelet has replaced the token.
  writeFileSync(app.kubernetes.token_file, 'another');
  api.put({ uid: containerOf(1).uid, name: 'web-1', labels: { tier: 'late' } });
  await agent.until('the cluster answers', () => api.watches === 1);
  node.write(containerOf(1), ['late']);
  await agent.until('the next line arrives', () => backend.arrivals.length === 2);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  const [early, late] = backend.arrivals;
  assert.equal(early?.resource.get('k8s.pod.name'), 'web-1');
  assert.equal(early?.resource.has('k8s.pod.label.tier'), false);
  assert.equal(late?.resource.get('k8s.pod.label.tier'), 'late');
  assert.match(agent.stderr, /answered 401/);
  assert.doesNotMatch(agent.stderr, /projected|another/);
});

test('the example for a DaemonSet is a configuration that is taken', limit, async (t) => {
  const { folder } = await prepare(t, {});
  const config = join(import.meta.dirname, '../../examples/daemonset.yaml');
  const token = join(folder, 'token');
  writeFileSync(token, 'token');
  const text = readFileSync(config, 'utf8').replace('/var/run/secrets/tokens/collector', token);
  writeFileSync(join(folder, 'daemonset.yaml'), text);
  const env = { K8S_NODE_NAME: 'node-1', KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const { exit, stderr } = await runPillion(t, ['check', 'daemonset.yaml'], { cwd: folder, env });
  assert.equal(exit, 0, stderr);
});
