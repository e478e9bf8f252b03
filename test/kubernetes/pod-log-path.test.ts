import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parsePodLogPath } from '../../src/kubernetes/pod-log-path.ts';

const UID = '3b2f6a0e-1f0c-4b51-9a3e-0f6d2c1b7a55';
const HASH = '0123456789abcdef0123456789abcdef';
const ID = 'a'.repeat(64);

for (const { path, expected } of [
  { path: `/var/log/pods/shop_web-0_${UID}/app/0.log`, expected: ['shop', 'web-0', UID, 'app', 0] },
  { path: `/var/log/pods/shop_web-0_${UID}/app/12.log`, expected: ['shop', 'web-0', UID, 'app', 12] },
  { path: `/var/log/pods/shop_web-0_${UID}/app/0.log.20261130-000102`, expected: ['shop', 'web-0', UID, 'app', 0] },
  { path: `/var/log/pods/shop_web-0_${UID}/app/0.log.20261130-000102.gz`, expected: ['shop', 'web-0', UID, 'app', 0] },
  {
    path: `/var/log/pods/kube-system_etcd-n1_${HASH}/etcd/3.log`,
    expected: ['kube-system', 'etcd-n1', HASH, 'etcd', 3],
  },
  { path: `/elsewhere/a_b.c_${UID}/d/1.log`, expected: ['a', 'b.c', UID, 'd', 1] },
  { path: `/var/log/pods/shop_web-0_${UID}/app/x.log`, expected: undefined },
  { path: `/var/log/pods/shop_web-0_${UID}/app/0.log/y`, expected: undefined },
  { path: `/var/log/pods/shop_web-0_${UID}/0.log`, expected: undefined },
  { path: `/var/log/pods/shop_web-0/app/0.log`, expected: undefined },
  { path: `/var/log/pods/a_shop_web-0_${UID}/app/0.log`, expected: undefined },
  { path: `/var/log/pods/_web-0_${UID}/app/0.log`, expected: undefined },
  { path: `/var/log/pods/shop_web-0_${UID}/app/99999999999999999999.log`, expected: undefined },
  { path: '/var/log/app/app.log', expected: undefined },
])
  test(`parsePodLogPath() reads ${path}`, () => {
    const log = parsePodLogPath(path);
    const read = log && [log.namespace, log.podName, log.podUid, log.containerName, log.restartCount];
    assert.deepEqual(read, expected);
  });

test('parsePodLogPath() reads the links in /var/log/containers, as far as their names go', () => {
  assert.deepEqual(parsePodLogPath(`/var/log/containers/web-0_shop_app-1-${ID}.log`), {
    namespace: 'shop',
    podName: 'web-0',
    containerName: 'app-1',
    containerId: ID,
    podUid: undefined,
    restartCount: undefined,
    podFolder: undefined,
  });
  // A name that was too long is cut, and its end is no longer that of an id.
  assert.equal(parsePodLogPath(`/var/log/containers/web-0_shop_app-1-${ID.slice(1)}.log`), undefined);
});

test('parsePodLogPath() gives back every name that Kubernetes allows', () => {
  const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
  const podName = fc.array(label, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
  const uid = fc.oneof(fc.uuid(), fc.stringMatching(/^[0-9a-f]{32}$/));
  const rotated = fc.constantFrom('', '.20261130-000102', '.20261130-000102.gz', '.20261130-000102.tmp');
  fc.assert(
    fc.property(label, podName, uid, label, fc.nat(), rotated, (namespace, pod, id, container, count, suffix) => {
      const folder = `/var/log/pods/${namespace}_${pod}_${id}`;
      const log = parsePodLogPath(`${folder}/${container}/${count}.log${suffix}`);
      assert.deepEqual(log, {
        namespace,
        podName: pod,
        podUid: id,
        containerName: container,
        restartCount: count,
        containerId: undefined,
        podFolder: folder,
      });
    }),
  );
});
