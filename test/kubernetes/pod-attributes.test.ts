import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChosenKeys, type PodFacts, podAttributes } from '../../src/kubernetes/pod-attributes.ts';

const NONE: ChosenKeys = { labels: [], annotations: [] };
const map = (pairs: Record<string, string>) => new Map(Object.entries(pairs));

const FACTS: PodFacts = {
  podName: 'web-7d4b9c6f5d-x2x9k',
  namespace: 'shop',
  podUid: '1f2e',
  nodeName: 'node-1',
  containerName: 'app',
  labels: map({ 'pod-template-hash': '7d4b9c6f5d' }),
};

test('podAttributes() names everything by the conventions', () => {
  const facts = {
    ...FACTS,
    podIp: '10.0.0.7',
    startTime: '2026-11-30T00:00:00Z',
    clusterName: 'eu-1',
    containerId: 'c0ffee',
    image: 'registry:5000/shop/web:1.2.3',
    restartCount: 0,
  };
  assert.deepEqual(Object.fromEntries(podAttributes(facts, NONE)), {
    'k8s.cluster.name': 'eu-1',
    'k8s.node.name': 'node-1',
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': 'web-7d4b9c6f5d-x2x9k',
    'k8s.pod.uid': '1f2e',
    'k8s.pod.ip': '10.0.0.7',
    'k8s.pod.start_time': '2026-11-30T00:00:00Z',
    'k8s.deployment.name': 'web',
    'k8s.replicaset.name': 'web-7d4b9c6f5d',
    'k8s.container.name': 'app',
    'k8s.container.restart_count': 0,
    'container.id': 'c0ffee',
    'container.image.name': 'registry:5000/shop/web',
    'container.image.tags': ['1.2.3'],
    'service.name': 'web',
    'service.namespace': 'shop',
    'service.version': '1.2.3',
    'service.instance.id': 'shop.web-7d4b9c6f5d-x2x9k.app',
  });
});

const WITH_ALL = {
  'resource.opentelemetry.io/service.name': 'annotated',
  'app.kubernetes.io/instance': 'web-eu',
  'app.kubernetes.io/name': 'web-name',
};

/** Each takes the first away, by "How `service.name` should be calculated". */
for (const { name, facts, expected } of [
  {
    name: 'the annotation',
    facts: { ...FACTS, annotations: map(WITH_ALL), labels: map(WITH_ALL) },
    expected: 'annotated',
  },
  { name: 'app.kubernetes.io/instance', facts: { ...FACTS, labels: map(WITH_ALL) }, expected: 'web-eu' },
  {
    name: 'app.kubernetes.io/name',
    facts: { ...FACTS, labels: map({ 'app.kubernetes.io/name': 'web-name' }) },
    expected: 'web-name',
  },
  { name: 'the Deployment', facts: FACTS, expected: 'web' },
  { name: 'the ReplicaSet', facts: { ...FACTS, owner: { kind: 'ReplicaSet', name: 'rs' } }, expected: 'rs' },
  { name: 'the StatefulSet', facts: { ...FACTS, owner: { kind: 'StatefulSet', name: 'db' } }, expected: 'db' },
  { name: 'the DaemonSet', facts: { ...FACTS, owner: { kind: 'DaemonSet', name: 'proxy' } }, expected: 'proxy' },
  { name: 'the CronJob', facts: { ...FACTS, owner: { kind: 'Job', name: 'backup-29543210' } }, expected: 'backup' },
  { name: 'the Job', facts: { ...FACTS, owner: { kind: 'Job', name: 'migrate' } }, expected: 'migrate' },
  { name: 'the pod', facts: { ...FACTS, labels: map({}) }, expected: 'web-7d4b9c6f5d-x2x9k' },
])
  test(`podAttributes() takes service.name from ${name}`, () => {
    assert.equal(podAttributes(facts, NONE).get('service.name'), expected);
  });

for (const { name, facts, expected } of [
  {
    name: 'the label',
    facts: { ...FACTS, labels: map({ 'app.kubernetes.io/version': '2' }), image: 'web:1' },
    expected: '2',
  },
  { name: 'the image', facts: { ...FACTS, image: 'web:1@sha256:ab' }, expected: '1@sha256:ab' },
  { name: 'nowhere where nothing says it', facts: FACTS, expected: undefined },
])
  test(`podAttributes() takes service.version from ${name}`, () => {
    assert.equal(podAttributes(facts, NONE).get('service.version'), expected);
  });

test('podAttributes() lets annotations win over what was computed, and takes names of their own', () => {
  const annotations = map({
    'resource.opentelemetry.io/service.namespace': 'payments',
    'resource.opentelemetry.io/service.instance.id': 'one',
    'resource.opentelemetry.io/deployment.environment.name': 'prod',
    'resource.opentelemetry.io/': 'nameless',
    other: 'x',
  });
  const attributes = podAttributes({ ...FACTS, annotations }, NONE);
  assert.equal(attributes.get('service.namespace'), 'payments');
  assert.equal(attributes.get('service.instance.id'), 'one');
  assert.equal(attributes.get('deployment.environment.name'), 'prod');
  assert.equal(attributes.has('other'), false);
  assert.equal(attributes.has(''), false);
});

test('podAttributes() gives labels and annotations that are chosen, by name or all', () => {
  const facts = { ...FACTS, labels: map({ team: 'red', tier: 'web' }), annotations: map({ owner: 'x' }) };
  const named = podAttributes(facts, { labels: ['team', 'absent'], annotations: [] });
  assert.equal(named.get('k8s.pod.label.team'), 'red');
  assert.equal(named.has('k8s.pod.label.tier'), false);
  const all = podAttributes(facts, { labels: ['*'], annotations: ['*'] });
  assert.equal(all.get('k8s.pod.label.tier'), 'web');
  assert.equal(all.get('k8s.pod.annotation.owner'), 'x');
});

test('podAttributes() gives no service.instance.id that is not unique', () => {
  assert.equal(podAttributes({ podName: 'web', namespace: 'shop' }, NONE).has('service.instance.id'), false);
});
