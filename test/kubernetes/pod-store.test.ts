import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { parsePod } from '../../src/kubernetes/pod.ts';
import { PodStore } from '../../src/kubernetes/pod-store.ts';
import { type PodModel, podObject } from './fixtures.ts';

const podOf = (model: PodModel) => parsePod(podObject(model), () => true)!;
const byUid = (uid: string) => ({ uid, namespace: '', name: '' });

test('PodStore.find() knows a pod by its uid, its name, and by the hash of a static pod', () => {
  const store = new PodStore(new FakeClock());
  const pod = podOf({
    uid: 'u',
    name: 'etcd',
    namespace: 'kube-system',
    annotations: { 'kubernetes.io/config.hash': 'h' },
  });
  store.put(pod);
  assert.equal(store.find(byUid('u')), pod);
  assert.equal(store.find(byUid('h')), pod);
  assert.equal(store.find({ uid: undefined, namespace: 'kube-system', name: 'etcd' }), pod);
  assert.equal(
    store.find({ uid: 'other', namespace: 'kube-system', name: 'etcd' }),
    undefined,
    'another pod had the name',
  );
});

test('PodStore keeps pods that are gone for ten minutes, and the name of one that came after', async () => {
  const clock = new FakeClock();
  const store = new PodStore(clock);
  store.put(podOf({ uid: 'old', name: 'web-0' }));
  store.remove('old');
  assert.deepEqual([store.size, store.find(byUid('old'))?.uid], [0, 'old']);
  store.put(podOf({ uid: 'new', name: 'web-0' }));
  await clock.advance(600_000);
  store.remove('unknown');
  store.put(podOf({ uid: 'third' }));
  assert.equal(store.find(byUid('old')), undefined);
  assert.equal(store.find({ uid: undefined, namespace: 'shop', name: 'web-0' })?.uid, 'new');
});

test('PodStore.replace() takes away what is not in the list', () => {
  const store = new PodStore(new FakeClock());
  store.replace(['a', 'b'].map((uid) => podOf({ uid })));
  store.replace(['b', 'c'].map((uid) => podOf({ uid })));
  assert.equal(store.size, 2);
});

test('PodStore keeps a bounded number of pods that are gone', () => {
  const store = new PodStore(new FakeClock());
  for (let i = 0; i < 3000; i++) {
    store.put(podOf({ uid: `u${i}` }));
    store.remove(`u${i}`);
  }
  const known = Array.from({ length: 3000 }, (_, i) => store.find(byUid(`u${i}`))).filter((pod) => pod !== undefined);
  assert.ok(known.length <= 1000, `${known.length} are kept`);
});

test('parsePod() takes what it needs, and nothing that is no pod', () => {
  const pod = podOf({
    uid: 'u',
    owner: { kind: 'ReplicaSet', name: 'web-1' },
    annotations: { keep: '1' },
    containers: [{ name: 'app', image: 'app:1' }],
  });
  assert.deepEqual(pod.owner, { kind: 'ReplicaSet', name: 'web-1' });
  assert.deepEqual(
    [...pod.containers[0]!.ids],
    [
      [0, 'app-before'],
      [1, 'app-now'],
    ],
  );
  assert.equal(parsePod(podObject({ uid: 'u', annotations: { big: 'x' } }), () => false)?.annotations.size, 0);
  for (const value of [null, 1, [], {}, { metadata: null }, { metadata: { uid: 1, name: 'a', namespace: 'b' } }])
    assert.equal(
      parsePod(value, () => true),
      undefined,
    );
  const bare = parsePod(
    { metadata: { uid: 'u', name: 'n', namespace: 's' }, spec: { containers: 'x' }, status: 7 },
    () => true,
  );
  assert.deepEqual(bare?.containers, []);
});
