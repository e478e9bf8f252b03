import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { standardValues, withValues } from '../../tools/deploy/chart-values.ts';
import { objectsOf, podOf } from '../../tools/deploy/kustomize.ts';
import { whyMissing } from '../harness/commands.ts';
import { packageVersion } from '../harness/container-images.ts';
import { temporaryFolder } from '../harness/files.ts';
import { type KubernetesObject, KubernetesSchema } from '../harness/kubernetes-schema.ts';

const root = join(import.meta.dirname, '../..');
const policy = parse(
  readFileSync(join(root, 'deploy/kubernetes/overlays/injection/injection-policy.yaml'), 'utf8'),
) as object;
/** Built from test/fixtures/admission: the code by which the API server runs such policies. */
const skip = whyMissing('run-admission-policy');

interface Named {
  readonly name: string;
  readonly [key: string]: unknown;
}

interface Pod extends KubernetesObject {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly initContainers?: readonly Named[];
    readonly containers: readonly Named[];
    readonly volumes: readonly Named[];
  };
}

const logs = { name: 'logs', emptyDir: {} };
const pod = (spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'shop', labels: { 'pillion.dev/inject': 'true' } },
  spec: { containers: [{ name: 'web', image: 'web:1' }], volumes: [logs], ...spec },
});

/** The pod as the API server would keep it. */
function admit(t: TestContext, asked: Pod): Pod {
  const folder = temporaryFolder(t);
  const files = { policy, pod: asked };
  for (const [name, object] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(object));
  const args = [join(folder, 'policy'), join(folder, 'pod')];
  return JSON.parse(execFileSync('run-admission-policy', args, { encoding: 'utf8' })) as Pod;
}

/** The container that the component of kustomize puts into pods. */
function sidecarOfKustomize(): Named {
  const values = withValues(standardValues(packageVersion(root)), { mode: 'sidecar' });
  return podOf(objectsOf(values).get('deployment.yaml')!).spec.initContainers![0]!;
}

test('the policy puts the same native sidecar into a pod as kustomize does, and the volumes that it needs', {
  skip,
}, (t) => {
  const admitted = admit(t, pod());
  const [sidecar, ...others] = admitted.spec.initContainers ?? [];
  assert.deepEqual(others, []);
  const expected = sidecarOfKustomize();
  const env = (expected['env'] as Named[]).map((one) =>
    one.name === 'K8S_CONTAINER_NAME' ? { ...one, value: 'web' } : one,
  );
  assert.deepEqual(sidecar, { ...expected, env });
  const names = admitted.spec.volumes.map(({ name }) => name);
  assert.deepEqual(names, ['logs', 'pillion-state', 'pillion-config', 'podinfo']);
  assert.equal(admitted.metadata.labels['pillion.dev/sidecar'], 'native');
  assert.deepEqual(new KubernetesSchema('v1.37.2').problems({ ...admitted, status: undefined }), []);
});

test('it comes before the init containers of the application, whose logs it then has, too', { skip }, (t) => {
  const admitted = admit(t, pod({ initContainers: [{ name: 'migrate', image: 'web:1' }] }));
  assert.deepEqual(
    admitted.spec.initContainers?.map(({ name }) => name),
    ['pillion', 'migrate'],
  );
});

for (const { name, asked } of [
  { name: 'has an agent already', asked: pod({ initContainers: [{ name: 'pillion', image: 'pillion:1' }] }) },
  { name: 'has no volume for its logs', asked: pod({ volumes: [{ name: 'data', emptyDir: {} }] }) },
]) {
  test(`it leaves a pod alone that ${name}`, { skip }, (t) => {
    const { spec, metadata } = admit(t, asked);
    assert.deepEqual(spec.initContainers?.length ?? 0, asked.spec.initContainers?.length ?? 0);
    assert.deepEqual(spec.volumes, asked.spec.volumes);
    assert.deepEqual(metadata.labels, asked.metadata.labels);
  });
}
