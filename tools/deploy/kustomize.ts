import { stringify } from 'yaml';
import { withValues } from './chart-values.ts';
import { documents } from './documents.ts';
import { evaluate, type Values } from './node.ts';
import { type Changes, JOB_CONTAINERS } from './settings.ts';

type Json = Readonly<Record<string, unknown>>;

const HEAD = '# Written by tools/deploy.ts from the definitions beside it: "npm run deploy" writes it anew.\n';
const TEMPLATE_KINDS = 'Deployment|StatefulSet|Job';
const ASKS = 'pillion.dev/inject=true';

/** All files of `deploy/kubernetes/` that are made, by path. */
export function kustomizeFiles(standard: Values): Map<string, string> {
  const files = new Map<string, string>();
  const put = (path: string, object: unknown): void => {
    files.set(path, `${HEAD}${toYaml(object)}`);
  };
  const made = (changes: Changes): Map<string, Json> => objectsOf(withValues(standard, changes));

  // The bases: applications without an agent, and the agent of a node.
  for (const [folder, kind] of [
    ['app', 'Deployment'],
    ['job', 'Job'],
    ['cronjob', 'CronJob'],
  ] as const) {
    const jobs = kind === 'Deployment' ? {} : { 'workload.containers': JOB_CONTAINERS };
    const file = `${kind.toLowerCase()}.yaml`;
    const whole = made({ mode: 'sidecar', 'workload.kind': kind, ...jobs }).get(file)!;
    put(`base/${folder}/${file}`, inPod(whole, bare));
    put(`base/${folder}/kustomization.yaml`, kustomization('Kustomization', { resources: [file] }));
  }
  const node = made({});
  for (const [file, object] of node) put(`base/daemonset/${file}`, object);
  put('base/daemonset/kustomization.yaml', kustomization('Kustomization', { resources: [...node.keys()] }));

  // The components that put the agent into workloads.
  for (const [folder, kind, workload] of [
    ['native-sidecar', 'native', 'Deployment'],
    ['plain-sidecar', 'plain', 'Deployment'],
    ['plain-sidecar-job', 'plain', 'Job'],
  ] as const) {
    const objects = made({ mode: 'sidecar', 'sidecar.kind': kind, 'workload.kind': workload });
    const patch = added(podOf(objects.get(`${workload.toLowerCase()}.yaml`)!));
    put(`components/${folder}/configmap.yaml`, objects.get('configmap.yaml'));
    put(`components/${folder}/workload.yaml`, patchOf('apps/v1', 'Deployment', { template: patch }));
    put(
      `components/${folder}/cronjob.yaml`,
      patchOf('batch/v1', 'CronJob', { jobTemplate: { spec: { template: patch } } }),
    );
    put(
      `components/${folder}/kustomization.yaml`,
      kustomization('Component', {
        resources: ['configmap.yaml'],
        patches: [
          { path: 'workload.yaml', target: { kind: TEMPLATE_KINDS, labelSelector: ASKS } },
          { path: 'cronjob.yaml', target: { kind: 'CronJob', labelSelector: ASKS } },
        ],
      }),
    );
  }

  // The components of the agent of a node.
  const withApi = made({ 'kubernetesApi.enabled': true });
  const roles = ['clusterrole.yaml', 'clusterrolebinding.yaml'];
  for (const file of roles) put(`components/kubernetes-api/${file}`, withApi.get(file));
  const automount = podOf(withApi.get('daemonset.yaml')!).spec['automountServiceAccountToken'];
  put('components/kubernetes-api/daemonset.yaml', daemonSetPatch({ automountServiceAccountToken: automount }));
  const { apiVersion, kind, metadata, data } = withApi.get('configmap.yaml')!;
  put('components/kubernetes-api/configmap.yaml', {
    apiVersion,
    kind,
    metadata: { name: (metadata as Named).name },
    data,
  });
  const patches = [{ path: 'daemonset.yaml' }, { path: 'configmap.yaml' }];
  put('components/kubernetes-api/kustomization.yaml', kustomization('Component', { resources: roles, patches }));
  gitSyncComponent(made({ 'gitSync.enabled': true }), node, put);
  for (const [folder, file, path] of [
    ['network-policy', 'networkpolicy.yaml', 'networkPolicy.enabled'],
    ['pod-monitor', 'podmonitor.yaml', 'podMonitor.enabled'],
  ] as const) {
    put(`components/${folder}/${file}`, made({ [path]: true }).get(file));
    put(`components/${folder}/kustomization.yaml`, kustomization('Component', { resources: [file] }));
  }
  const sidecars = made({ mode: 'sidecar', 'podMonitor.enabled': true }).get('podmonitor-sidecars.yaml');
  put('components/pod-monitor-sidecars/podmonitor.yaml', sidecars);
  put(
    'components/pod-monitor-sidecars/kustomization.yaml',
    kustomization('Component', { resources: ['podmonitor.yaml'] }),
  );

  overlays(put);
  const injection = made({ mode: 'injection' });
  for (const [file, object] of injection) put(`overlays/injection/${file}`, object);
  put('overlays/injection/kustomization.yaml', kustomization('Kustomization', { resources: [...injection.keys()] }));
  return files;
}

/** The objects that values make, by the name of their file. */
export function objectsOf(values: Values): Map<string, Json> {
  const there = documents.filter(({ condition }) => condition.holds(values));
  return new Map(there.map(({ file, node }) => [file, evaluate(node, values) as Json]));
}

type Put = (path: string, object: unknown) => void;

function overlays(put: Put): void {
  for (const [name, base, ...components] of [
    ['sidecar', 'app', 'native-sidecar'],
    ['plain-sidecar', 'app', 'plain-sidecar'],
    ['job', 'job', 'native-sidecar'],
    ['plain-job', 'job', 'plain-sidecar-job'],
    ['cronjob', 'cronjob', 'native-sidecar'],
    ['plain-cronjob', 'cronjob', 'plain-sidecar-job'],
    ['daemonset', 'daemonset'],
    ['daemonset-api', 'daemonset', 'kubernetes-api'],
    ['daemonset-git-sync', 'daemonset', 'git-sync'],
    ['daemonset-monitored', 'daemonset', 'network-policy', 'pod-monitor'],
  ] as const) {
    const named = components.map((component) => `../../components/${component}`);
    put(
      `overlays/${name}/kustomization.yaml`,
      kustomization('Kustomization', {
        resources: [`../../base/${base}`],
        ...(named.length === 0 ? {} : { components: named }),
      }),
    );
  }
}

function gitSyncComponent(withGit: Map<string, Json>, without: Map<string, Json>, put: Put): void {
  const [pod, plain] = [withGit, without].map((objects) => podOf(objects.get('daemonset.yaml')!).spec as PodSpec);
  const [agent, ...others] = pod!.containers;
  const before = plain!.containers[0]!;
  const isNew = (list: readonly Named[]) => (item: Named) => list.every(({ name }) => name !== item.name);
  put(
    'components/git-sync/daemonset.yaml',
    daemonSetPatch({
      securityContext: pod!.securityContext,
      initContainers: pod!.initContainers,
      containers: [
        {
          name: agent!.name,
          args: agent!.args,
          volumeMounts: [
            ...agent!.volumeMounts.filter(isNew(before.volumeMounts)),
            ...before.volumeMounts
              .filter(isNew(agent!.volumeMounts))
              .map(({ mountPath }) => ({ mountPath, $patch: 'delete' })),
          ],
        },
        ...others,
      ],
      volumes: [
        ...pod!.volumes.filter(isNew(plain!.volumes)),
        ...plain!.volumes.filter(isNew(pod!.volumes)).map(({ name }) => ({ name, $patch: 'delete' })),
      ],
    }),
  );
  const { apiVersion, kind, metadata } = without.get('configmap.yaml')!;
  put('components/git-sync/configmap.yaml', {
    apiVersion,
    kind,
    metadata: { name: (metadata as Named).name },
    $patch: 'delete',
  });
  put(
    'components/git-sync/kustomization.yaml',
    kustomization('Component', { patches: [{ path: 'daemonset.yaml' }, { path: 'configmap.yaml' }] }),
  );
}

interface Named {
  readonly name: string;
  readonly [key: string]: unknown;
}

interface Container extends Named {
  readonly args?: readonly string[];
  readonly volumeMounts: readonly (Named & { readonly mountPath: string })[];
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly volumes: readonly Named[];
  readonly initContainers?: readonly Container[];
  readonly securityContext?: Json;
  readonly [key: string]: unknown;
}

interface PodTemplate {
  readonly metadata: { readonly labels: Json; readonly annotations?: Json };
  readonly spec: PodSpec;
}

/** The template of the pods of a workload. */
export function podOf(workload: Json): PodTemplate {
  const spec = workload['spec'] as { template?: PodTemplate; jobTemplate?: { spec: { template: PodTemplate } } };
  return spec.template ?? spec.jobTemplate!.spec.template;
}

function inPod(workload: Json, change: (pod: PodTemplate) => unknown): Json {
  const spec = workload['spec'] as { template?: PodTemplate; jobTemplate?: { spec: Json & { template: PodTemplate } } };
  const { jobTemplate } = spec;
  if (jobTemplate === undefined) return { ...workload, spec: { ...spec, template: change(podOf(workload)) } };
  const inner = { ...jobTemplate.spec, template: change(podOf(workload)) };
  return { ...workload, spec: { ...spec, jobTemplate: { ...jobTemplate, spec: inner } } };
}

/** A pod before the agent comes: with its own containers, and the volume that it writes its logs to. */
function bare({ metadata, spec }: PodTemplate): unknown {
  const labels = Object.fromEntries(Object.entries(metadata.labels).filter(([key]) => !key.startsWith('pillion.dev/')));
  const { restartPolicy } = spec;
  return {
    metadata: { labels },
    spec: {
      ...(restartPolicy === undefined ? {} : { restartPolicy }),
      containers: spec.containers.filter(({ name }) => name !== 'pillion'),
      volumes: [{ name: 'logs', emptyDir: {} }],
    },
  };
}

/** What the agent adds to a pod. */
function added({ metadata, spec }: PodTemplate): unknown {
  const labels = Object.fromEntries(Object.entries(metadata.labels).filter(([key]) => key.startsWith('pillion.dev/')));
  const isOurs = ({ name }: Named): boolean => name === 'pillion';
  const { terminationGracePeriodSeconds, securityContext, initContainers } = spec;
  return {
    metadata: { labels, annotations: metadata.annotations },
    spec: {
      terminationGracePeriodSeconds,
      securityContext,
      ...(initContainers === undefined ? { containers: spec.containers.filter(isOurs) } : { initContainers }),
      volumes: spec.volumes,
    },
  };
}

/** A patch whose name says nothing: its target is chosen where it is named. */
function patchOf(apiVersion: string, kind: string, spec: object): object {
  return { apiVersion, kind, metadata: { name: 'any' }, spec };
}

function daemonSetPatch(spec: object): object {
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'pillion' }, spec: { template: { spec } } };
}

function kustomization(kind: 'Kustomization' | 'Component', parts: object): object {
  const apiVersion = kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1';
  return { apiVersion, kind, ...parts };
}

/** As Kubernetes' own tools write it. */
export function toYaml(object: unknown): string {
  return stringify(object, { indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false });
}
