import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import type { ResourceValue } from '../../src/core/resource.ts';
import { parsePod } from '../../src/kubernetes/pod.ts';
import { PodStore } from '../../src/kubernetes/pod-store.ts';
import { PodStreams } from '../../src/kubernetes/pod-streams.ts';
import { temporaryFolder } from '../harness/files.ts';
import { type PodModel, podObject } from './fixtures.ts';

const UID = '3b2f6a0e-1f0c-4b51-9a3e-0f6d2c1b7a55';

function setUp(t: TestContext, { hasFeed = true } = {}) {
  const folder = temporaryFolder(t);
  const clock = new FakeClock();
  const store = new PodStore(clock);
  const unknown: string[] = [];
  const setting = { written: new Map<string, ResourceValue>([['team', 'written']]), wanted: 0 };
  const feed = { run: () => Promise.resolve(), want: () => void setting.wanted++ };
  const streams = new PodStreams({
    feed: hasFeed ? feed : undefined,
    store,
    clock,
    waitMs: 5000,
    chosen: { labels: ['tier'], annotations: [] },
    nodeName: 'node-1',
    clusterName: undefined,
    written: () => setting.written,
    onUnknown: (path) => void unknown.push(path),
  });
  const put = (model: Partial<PodModel> = {}): void =>
    store.put(parsePod(podObject({ uid: UID, name: 'web-0', ...model }), () => true)!);
  const path = (container = 'app', count = 1): string => join(folder, `shop_web-0_${UID}`, container, `${count}.log`);
  return { folder, clock, store, unknown, setting, streams, put, path };
}

test('PodStreams.origin() says what the path says, and what the configuration says over it', (t) => {
  const { streams, path } = setUp(t, { hasFeed: false });
  assert.equal(streams.verdict(path()), 'read');
  assert.deepEqual(Object.fromEntries(streams.origin(path()).resource.attributes), {
    'k8s.node.name': 'node-1',
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': 'web-0',
    'k8s.pod.uid': UID,
    'k8s.container.name': 'app',
    'k8s.container.restart_count': 1,
    'service.name': 'web-0',
    'service.namespace': 'shop',
    'service.instance.id': 'shop.web-0.app',
    team: 'written',
  });
});

test('PodStreams.origin() adds what the cluster says of the pod, each container with its id', (t) => {
  const { streams, put, path } = setUp(t);
  put({ labels: { tier: 'front', 'app.kubernetes.io/name': 'web' }, owner: { kind: 'StatefulSet', name: 'web' } });
  const attributes = streams.origin(path()).resource.attributes;
  assert.equal(attributes.get('k8s.statefulset.name'), 'web');
  assert.equal(attributes.get('service.name'), 'web');
  assert.equal(attributes.get('service.version'), '1.0');
  assert.equal(attributes.get('container.id'), 'app-now');
  assert.equal(attributes.get('k8s.pod.label.tier'), 'front');
  assert.equal(attributes.get('k8s.pod.ip'), '10.0.0.7');
  assert.equal(streams.origin(path('app', 0)).resource.attributes.get('container.id'), 'app-before');
  assert.equal(streams.origin(path('app', 7)).resource.attributes.get('container.id'), undefined);
});

test('PodStreams.origin() knows the pod of a link in /var/log/containers by its name', (t) => {
  const { streams, put } = setUp(t);
  const path = `/var/log/containers/web-0_shop_app-${'c'.repeat(64)}.log`;
  assert.equal(streams.verdict(path), 'wait');
  put({ labels: { tier: 'front' } });
  assert.equal(streams.verdict(path), 'read');
  const { attributes } = streams.origin(path).resource;
  assert.equal(attributes.get('k8s.pod.uid'), UID);
  assert.equal(attributes.get('container.id'), 'c'.repeat(64));
  assert.equal(attributes.get('k8s.pod.label.tier'), 'front');
  assert.equal(attributes.has('k8s.container.restart_count'), false);
});

test('PodStreams.origin() is the same object until something changes', (t) => {
  const { streams, put, path, setting, store } = setUp(t);
  const first = streams.origin(path());
  assert.equal(streams.origin(path()), first);
  put();
  const second = streams.origin(path());
  assert.notEqual(second, first);
  assert.equal(streams.origin(`${path()}.20261130-000000.gz`), second, 'a rotated file is of the same container');
  store.put(parsePod(podObject({ uid: 'other' }), () => true)!);
  assert.equal(streams.origin(path()), second);
  setting.written = new Map();
  const third = streams.origin(path());
  assert.equal(third.resource.attributes.has('team'), false);
  const other = streams.origin('/var/log/app.log');
  assert.equal(streams.origin('/var/log/other.log'), other);
  assert.deepEqual(
    [...other.resource.attributes],
    [
      ['service.name', 'unknown_service'],
      ['k8s.node.name', 'node-1'],
    ],
  );
});

test('PodStreams.verdict() waits for a pod that is not known, and no longer than it may', async (t) => {
  const { streams, put, path, clock, unknown, setting } = setUp(t);
  assert.equal(streams.verdict(path()), 'wait');
  assert.ok(setting.wanted > 0);
  await clock.advance(4999);
  assert.equal(streams.verdict(path()), 'wait');
  await clock.advance(1);
  assert.deepEqual([streams.verdict(path()), streams.verdict(path())], ['read', 'read']);
  assert.deepEqual(unknown, [path()], 'it is said once');
  const { wanted } = setting;
  assert.equal(streams.verdict(path()), 'read');
  assert.equal(setting.wanted, wanted, 'and nobody is asked for it again');
  put({ labels: { tier: 'late' } });
  assert.equal(streams.origin(path()).resource.attributes.get('k8s.pod.label.tier'), 'late');
  assert.equal(streams.verdict('/var/log/app.log'), 'read');
});

const SIDECAR = [
  { name: 'app', image: 'app:1' },
  { name: 'logs', image: 'registry:5000/tools/pillion:0.1' },
];

for (const { name, model, container = 'app', expected } of [
  { name: 'a pod', model: {}, expected: 'read' },
  { name: 'a pod that is excluded', model: { annotations: { 'pillion.dev/exclude': 'true' } }, expected: 'exclude' },
  { name: 'a pod with a sidecar by its image', model: { containers: SIDECAR }, expected: 'exclude' },
  {
    name: 'a pod with a sidecar by its name',
    model: { containers: [{ name: 'pillion', image: 'x' }] },
    expected: 'exclude',
  },
  { name: 'the container of the agent', model: {}, container: 'pillion', expected: 'exclude' },
  {
    name: 'a pod with a sidecar that is to be read all the same',
    model: { containers: SIDECAR, annotations: { 'pillion.dev/exclude': 'false' } },
    expected: 'read',
  },
  { name: 'a pod with another word', model: { annotations: { 'pillion.dev/exclude': 'yes' } }, expected: 'read' },
] as { name: string; model: Partial<PodModel>; container?: string; expected: string }[])
  test(`PodStreams.verdict() decides to ${expected} ${name}`, (t) => {
    const { streams, put, path } = setUp(t);
    put(model);
    assert.equal(streams.verdict(path(container)), expected);
  });

test('PodStreams.verdict() knows a sidecar by the folder of its logs, also one that comes later', async (t) => {
  const { streams, path, folder, clock } = setUp(t, { hasFeed: false });
  assert.equal(streams.verdict(path()), 'read');
  mkdirSync(join(folder, `shop_web-0_${UID}`, 'pillion'), { recursive: true });
  await clock.advance(10_000);
  assert.equal(streams.verdict(path()), 'exclude');
});

test('PodStreams.verdict() changes with the annotation', (t) => {
  const { streams, put, path } = setUp(t);
  put({ annotations: { 'pillion.dev/pipeline': 'nginx' } });
  assert.equal(streams.verdict(path()), 'read');
  assert.equal(streams.origin(path()).pipeline, 'nginx');
  put({ annotations: { 'pillion.dev/exclude': 'true' } });
  assert.equal(streams.verdict(path()), 'exclude');
});
