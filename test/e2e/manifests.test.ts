import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { standardValues, withValues } from '../../tools/deploy/chart-values.ts';
import { objectsOf, podOf, toYaml } from '../../tools/deploy/kustomize.ts';
import { type Changes, settings } from '../../tools/deploy/settings.ts';
import { RELEASES, schemaFiles } from '../../tools/kubernetes-schemas.ts';
import { runPillion } from '../harness/agent-process.ts';
import { whyMissing } from '../harness/commands.ts';
import { packageVersion } from '../harness/container-images.ts';
import { temporaryFolder } from '../harness/files.ts';
import { type KubernetesObject, KubernetesSchema } from '../harness/kubernetes-schema.ts';

const root = join(import.meta.dirname, '../..');
const deploy = join(root, 'deploy');
const chart = join(deploy, 'helm/pillion');
const fixtures = join(root, 'test/fixtures/kubernetes');
const schemas = new Map(RELEASES.map((release) => [release, new KubernetesSchema(release)]));

/** Kinds that the oldest release does not have, and the page says so. */
const NEWER = new Set(['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding']);

/** Everything switched on that a setting can have, and texts that YAML would take for something else. */
const EVERYTHING: Changes = {
  'image.repository': 'registry.example.com:5000/tools/pillion',
  'image.tag': '1',
  clusterName: 'true',
  config: 'sources: {}\n\n# "quoted" {{ and }}\n',
  env: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=64' }],
  imagePullSecrets: [{ name: 'registry' }],
  extraVolumes: [{ name: 'token', secret: { secretName: 'backend' } }],
  extraVolumeMounts: [{ name: 'token', mountPath: '/var/run/token', readOnly: true }],
  podLabels: { team: 'shop' },
  podAnnotations: { 'example.com/number': '1' },
  'podMonitor.enabled': true,
  'podMonitor.labels': { release: 'prometheus' },
  'networkPolicy.enabled': true,
  'kubernetesApi.enabled': true,
  'gitSync.enabled': true,
  'daemonset.dockerLogs': true,
};
/** Helm takes a value away with `null`. */
const EMPTY: Changes = { scrapeAnnotations: false, 'resources.limits': null, 'daemonset.tolerations': [] };

const cases: readonly { readonly name: string; readonly changes: Changes }[] = [
  { name: 'no value', changes: {} },
  ...settings,
  { name: 'a node with everything', changes: EVERYTHING },
  { name: 'a sidecar with everything', changes: { ...EVERYTHING, mode: 'sidecar' } },
  {
    name: 'a plain Job with everything',
    changes: { ...EVERYTHING, mode: 'sidecar', 'sidecar.kind': 'plain', 'workload.kind': 'Job' },
  },
  { name: 'an injected agent with everything', changes: { ...EVERYTHING, mode: 'injection' } },
  { name: 'a node with less', changes: EMPTY },
  { name: 'a sidecar with less', changes: { ...EMPTY, mode: 'sidecar' } },
];

for (const { name, changes } of cases) {
  test(`Kubernetes ${RELEASES.join(' and ')} know every field that the definitions make of ${name}`, () => {
    const objects = [...objectsOf(valuesOf(changes)).values()] as unknown as KubernetesObject[];
    assert.ok(objects.length > 0);
    assertAccepted(objects);
  });
}

test('every whole object in deploy/kubernetes is accepted, and a field that nobody knows is not', () => {
  const files = globSync(['base/**/*.yaml', 'overlays/**/*.yaml'], { cwd: join(deploy, 'kubernetes') });
  const objects = files
    .filter((file) => !file.endsWith('kustomization.yaml'))
    .map((file) => parse(readFileSync(join(deploy, 'kubernetes', file), 'utf8')) as KubernetesObject);
  assert.ok(objects.length >= 9, `${objects.length} objects`);
  assertAccepted(objects);
  const found = objects.find(({ kind }) => kind === 'Deployment');
  assert.ok(found !== undefined);
  const wrong: KubernetesObject = { ...found, spec: { ...(found['spec'] as object), replica: 1 } };
  for (const schema of schemas.values()) {
    assert.match(schema.problems(wrong).join(), /"additionalProperty":"replica"/);
  }
});

test('every configuration that comes with a manifest is one that the agent takes', { timeout: 120_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const written = new Set(
    settings.flatMap(({ changes }) => configOf(objectsOf(valuesOf(changes)).get('configmap.yaml'))),
  );
  written.add(readFileSync(join(deploy, 'compose/pillion.yaml'), 'utf8'));
  assert.ok(written.size >= 4, `${written.size} configurations`);
  for (const text of written) {
    const file = join(folder, 'pillion.yaml');
    writeFileSync(file, text);
    const kubelet = { K8S_NODE_NAME: 'node-1', KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', ...kubelet };
    const { exit, stderr } = await runPillion(t, ['check', file], { cwd: folder, env });
    assert.equal(exit, 0, stderr);
  }
});

test('the schemas are those of the modules that they name', { skip: whyMissing('go'), timeout: 120_000 }, () => {
  for (const [path, text] of schemaFiles()) {
    assert.equal(
      readFileSync(join(fixtures, path), 'utf8'),
      `${text}\n`,
      `${path}: run node tools/kubernetes-schemas.ts`,
    );
  }
});

for (const { name, changes } of cases) {
  test(`helm makes of ${name} what the definitions make, all of it accepted`, { skip: whyMissing('helm') }, (t) => {
    const file = join(temporaryFolder(t), 'values.yaml');
    writeFileSync(file, toYaml(withValues({}, changes)));
    const rendered = render('helm', 'template', 'pillion', chart, '--kube-version', '1.37.2', '--values', file);
    assert.deepEqual(byName(rendered), byName([...objectsOf(valuesOf(changes)).values()]));
    assertAccepted(rendered);
  });
}

for (const { name, summary } of settings) {
  test(`kustomize and helm give the same objects for ${summary}`, { skip: whyMissing('helm', 'kustomize') }, () => {
    const values = join(chart, 'ci', `${name}-values.yaml`);
    const rendered = render('helm', 'template', 'pillion', chart, '--kube-version', '1.37.2', '--values', values);
    const built = render('kustomize', 'build', join(deploy, 'kubernetes/overlays', name));
    assert.deepEqual(byName(built), byName(rendered));
    assertAccepted(built);
  });
}

test('helm lints the chart without a warning, and refuses a value that nobody knows', {
  skip: whyMissing('helm'),
}, () => {
  execFileSync('helm', ['lint', '--strict', '--quiet', '--kube-version', '1.37.2', chart], { stdio: 'pipe' });
  const wrong = ['template', 'pillion', chart, '--kube-version', '1.37.2', '--set', 'image.tagg=1'];
  assert.throws(() => execFileSync('helm', wrong, { stdio: 'pipe' }), /tagg/);
});

test('a chart that has this one as a dependency gets its parts, and no workload', { skip: whyMissing('helm') }, (t) => {
  const folder = temporaryFolder(t);
  cpSync(chart, join(folder, 'charts/pillion'), { recursive: true });
  mkdirSync(join(folder, 'templates'));
  writeFileSync(join(folder, 'Chart.yaml'), toYaml({ apiVersion: 'v2', name: 'shop', version: '1.0.0' }));
  writeFileSync(join(folder, 'values.yaml'), toYaml({ pillion: { mode: 'sidecar', workload: { kind: 'None' } } }));
  writeFileSync(join(folder, 'templates/deployment.yaml'), chartOfUser());
  const rendered = render('helm', 'template', 'shop', folder, '--kube-version', '1.37.2');
  assertAccepted(rendered);
  assert.deepEqual(Object.keys(byName(rendered)), ['ConfigMap pillion', 'Deployment shop']);
  const pod = podOf(rendered.find(({ kind }) => kind === 'Deployment')!).spec;
  const ours = podOf(objectsOf(valuesOf({ mode: 'sidecar' })).get('deployment.yaml')!).spec;
  assert.deepEqual([pod.initContainers, pod.volumes], [ours.initContainers, ours.volumes]);
});

test('what the page says of a kustomization works: label, component, image and endpoint', {
  skip: whyMissing('kustomize'),
}, (t) => {
  const folder = realpathSync(temporaryFolder(t));
  cpSync(join(deploy, 'kubernetes'), join(folder, 'kubernetes'), { recursive: true });
  const [, text = ''] =
    /```yaml\n(# kustomization\.yaml\n.*?)```/s.exec(readFileSync(join(root, 'docs/deploy/README.md'), 'utf8')) ?? [];
  const local = text
    .replace(/https:\S+/, '../kubernetes/components/native-sidecar')
    .replace('[deployment.yaml]', '[../kubernetes/base/app]');
  mkdirSync(join(folder, 'mine'));
  writeFileSync(join(folder, 'mine/kustomization.yaml'), local);
  const built = render('kustomize', 'build', join(folder, 'mine'));
  assertAccepted(built);
  const [agent] = podOf(built.find(({ kind }) => kind === 'Deployment')!).spec.initContainers ?? [];
  assert.equal(agent?.['image'], `registry.example.com/pillion:${packageVersion(root)}`);
  const variables = (agent?.['env'] ?? []) as { name: string; value?: string }[];
  const env = new Map(variables.map(({ name, value }) => [name, value]));
  assert.equal(env.get('OTEL_EXPORTER_OTLP_ENDPOINT'), 'http://collector.example.com:4318');
  assert.equal(env.size, 7);
});

/** The template on the page of the chart, as whole as it has to be. */
function chartOfUser(): string {
  const page = readFileSync(join(chart, 'README.md'), 'utf8');
  const [, text = ''] = /```yaml\n(# templates.*?)```/s.exec(page) ?? [];
  const head = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: shop }\n';
  const spec =
    'spec:\n  selector: { matchLabels: { app: shop } }\n  template:\n    metadata: { labels: { app: shop } }';
  return head + text.replace('spec:\n  template:', spec);
}

/** The text of a ConfigMap. */
function configOf(object: object | undefined): string[] {
  const { data } = (object ?? {}) as { readonly data?: { readonly 'pillion.yaml': string } };
  return data === undefined ? [] : [data['pillion.yaml']];
}

function valuesOf(changes: Changes): ReturnType<typeof withValues> {
  return withValues(standardValues(packageVersion(root)), changes);
}

function assertAccepted(objects: readonly KubernetesObject[]): void {
  for (const [release, schema] of schemas) {
    const isOldest = release === RELEASES[0];
    const known = objects.filter(({ kind }) => !(isOldest && NEWER.has(kind)));
    assert.deepEqual(
      known.flatMap((object) => schema.problems(object)),
      [],
      release,
    );
  }
}

function render(command: string, ...args: string[]): KubernetesObject[] {
  const text = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const documents = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject | null);
  return documents.filter((object) => object !== null);
}

function byName(objects: Iterable<object>): Record<string, object> {
  const named = [...objects].map((object) => {
    const { kind, metadata } = object as KubernetesObject;
    return [`${kind} ${metadata.name}`, object] as const;
  });
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}
