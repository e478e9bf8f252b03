import { AGENT_ID, isNative, nodeContainer, sidecarContainer, sidecarVolumesPart } from './agent-container.ts';
import { configText } from './config-texts.ts';
import { INJECT_LABEL, injectionBinding, injectionPolicy } from './injection.ts';
import {
  all,
  any,
  type Condition,
  equals,
  type Fields,
  isSet,
  type Node,
  not,
  releaseName,
  releaseNamespace,
  Spread,
  Text,
  Value,
  When,
} from './node.ts';

/** One object of Kubernetes, and when it is there. */
export interface Document {
  /** Its file, in the chart and for kustomize. */
  readonly file: string;
  readonly condition: Condition;
  readonly node: Fields;
}

const isNode = equals('mode', 'daemonset');
const isSidecar = equals('mode', 'sidecar');
const isInjection = equals('mode', 'injection');
const gitSync = isSet('gitSync.enabled');
const withApi = all(isNode, isSet('kubernetesApi.enabled'));

const ownLabels: Fields = {
  'app.kubernetes.io/name': 'pillion',
  'app.kubernetes.io/instance': releaseName,
};

const workloadLabels: Fields = { 'app.kubernetes.io/name': new Value('workload.name') };

/** Metadata of an object of the agent. */
const own = (name: Node = releaseName): Fields => ({ name, labels: ownLabels });

/** How a Prometheus without an operator finds the metrics. */
const scrapeAnnotations: Fields = {
  'prometheus.io/scrape': 'true',
  'prometheus.io/port': '9596',
  'prometheus.io/path': '/metrics',
};

/** The label by which pods with an agent are known: to policies, to scrapes, and to the agent of the node. */
export const SIDECAR_LABEL = 'pillion.dev/sidecar';

const scraped = Object.fromEntries(
  Object.entries(scrapeAnnotations).map(([key, text]) => [key, new When(isSet('scrapeAnnotations'), text)]),
);

const podAnnotations = new When(any(isSet('scrapeAnnotations'), isSet('podAnnotations')), {
  ...scraped,
  '...podAnnotations': new Spread('podAnnotations'),
});

const graceSeconds = { terminationGracePeriodSeconds: new Value('terminationGracePeriodSeconds') };
const pullSecrets = { imagePullSecrets: new Value('imagePullSecrets') };

/** A pod of the application with the agent in it. */
function podTemplate(restartPolicy?: string): Fields {
  return {
    metadata: {
      labels: {
        ...workloadLabels,
        [SIDECAR_LABEL]: new Value('sidecar.kind'),
        '...podLabels': new Spread('podLabels'),
      },
      annotations: podAnnotations,
    },
    spec: {
      ...(restartPolicy === undefined ? {} : { restartPolicy }),
      ...graceSeconds,
      ...pullSecrets,
      // What the application writes for its group is readable to the agent.
      securityContext: { fsGroup: AGENT_ID },
      initContainers: new When(isNative, [sidecarContainer]),
      // A plain agent comes first, too: containers are started in their order.
      containers: [new When(not(isNative), sidecarContainer), new Spread('workload.containers')],
      volumes: sidecarVolumesPart,
    },
  };
}

/** The label says that it asks for the agent: components of kustomize go by it. */
const workloadMetadata: Fields = {
  name: new Value('workload.name'),
  labels: { ...workloadLabels, [INJECT_LABEL]: 'true' },
};
const isKind = (kind: string): Condition => all(isSidecar, equals('workload.kind', kind));
const jobSpec: Fields = { backoffLimit: 2, template: podTemplate('Never') };

const hostPath = (name: string, path: string, type: string): Fields => ({ name, hostPath: { path, type } });

/** What fetches the configuration: `--one-time` before the agent starts, and from then on beside it. */
function gitSyncContainer(name: string, ...more: string[]): Fields {
  return {
    name,
    image: new Value('gitSync.image'),
    args: [
      new Text('--repo=', new Value('gitSync.repo')),
      new Text('--ref=', new Value('gitSync.ref')),
      new Text('--period=', new Value('gitSync.period')),
      '--root=/etc/pillion-git',
      '--link=current',
      ...more,
    ],
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: AGENT_ID,
      runAsGroup: AGENT_ID,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: 'pillion-git', mountPath: '/etc/pillion-git' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

const daemonSet: Fields = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: own(),
  spec: {
    selector: { matchLabels: ownLabels },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
    template: {
      metadata: {
        labels: { ...ownLabels, '...podLabels': new Spread('podLabels') },
        annotations: podAnnotations,
      },
      spec: {
        serviceAccountName: releaseName,
        automountServiceAccountToken: new When(withApi, true),
        priorityClassName: new Value('daemonset.priorityClass.name'),
        ...graceSeconds,
        ...pullSecrets,
        nodeSelector: new Value('daemonset.nodeSelector'),
        tolerations: new Value('daemonset.tolerations'),
        securityContext: new When(gitSync, { fsGroup: AGENT_ID }),
        initContainers: new When(gitSync, [gitSyncContainer('git-sync-first', '--one-time')]),
        containers: [nodeContainer, new When(gitSync, gitSyncContainer('git-sync'))],
        volumes: [
          new When(gitSync, { name: 'pillion-git', emptyDir: { sizeLimit: '64Mi' } }),
          new When(gitSync, { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }),
          hostPath('pod-logs', '/var/log/pods', 'Directory'),
          new When(isSet('daemonset.dockerLogs'), hostPath('docker-logs', '/var/lib/docker/containers', 'Directory')),
          hostPath('state', '/var/lib/pillion', 'DirectoryOrCreate'),
          new When(not(gitSync), { name: 'pillion-config', configMap: { name: new Value('configMap') } }),
          new Spread('extraVolumes'),
        ],
      },
    },
  },
};

const podsOfAgents = (labels: Fields): Fields => ({ matchLabels: labels });

const networkPolicy: Fields = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: own(),
  spec: {
    podSelector: podsOfAgents(ownLabels),
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ ports: [{ port: 9596, protocol: 'TCP' }] }],
    egress: [
      {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
      { ports: [{ port: new Value('networkPolicy.backendPort'), protocol: 'TCP' }] },
      new When(any(isSet('gitSync.enabled'), isSet('kubernetesApi.enabled')), {
        ports: [
          { port: 443, protocol: 'TCP' },
          { port: 6443, protocol: 'TCP' },
        ],
      }),
    ],
  },
};

const podMonitor = (selector: Fields): Fields => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PodMonitor',
  metadata: { name: releaseName, labels: { ...ownLabels, '...labels': new Spread('podMonitor.labels') } },
  spec: { selector, podMetricsEndpoints: [{ port: 'pillion', path: '/metrics' }] },
});

/** Every object that the chart can make, in the order in which they are to be applied. */
export const documents: readonly Document[] = [
  {
    file: 'configmap.yaml',
    condition: all(not(isInjection), not(all(isNode, gitSync))),
    node: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: own(new Value('configMap')),
      data: { 'pillion.yaml': configText() },
    },
  },
  {
    file: 'priorityclass.yaml',
    condition: all(isNode, isSet('daemonset.priorityClass.create')),
    node: {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: own(new Value('daemonset.priorityClass.name')),
      value: 1_000_000,
      globalDefault: false,
      description: 'The log agents of nodes: a node without one loses logs.',
    },
  },
  {
    file: 'serviceaccount.yaml',
    condition: isNode,
    node: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: own(), automountServiceAccountToken: false },
  },
  {
    file: 'clusterrole.yaml',
    condition: withApi,
    node: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: own(),
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    },
  },
  {
    file: 'clusterrolebinding.yaml',
    condition: withApi,
    node: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: own(),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: releaseName },
      subjects: [{ kind: 'ServiceAccount', name: releaseName, namespace: releaseNamespace }],
    },
  },
  { file: 'daemonset.yaml', condition: isNode, node: daemonSet },
  {
    file: 'deployment.yaml',
    condition: isKind('Deployment'),
    node: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: workloadMetadata,
      spec: {
        replicas: new Value('workload.replicas'),
        selector: { matchLabels: workloadLabels },
        template: podTemplate(),
      },
    },
  },
  {
    file: 'job.yaml',
    condition: isKind('Job'),
    node: { apiVersion: 'batch/v1', kind: 'Job', metadata: workloadMetadata, spec: jobSpec },
  },
  {
    file: 'cronjob.yaml',
    condition: isKind('CronJob'),
    node: {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: workloadMetadata,
      spec: {
        schedule: new Value('workload.schedule'),
        concurrencyPolicy: 'Forbid',
        jobTemplate: { spec: jobSpec },
      },
    },
  },
  { file: 'networkpolicy.yaml', condition: all(isNode, isSet('networkPolicy.enabled')), node: networkPolicy },
  {
    file: 'podmonitor.yaml',
    condition: all(isNode, isSet('podMonitor.enabled')),
    node: podMonitor({ matchLabels: ownLabels }),
  },
  {
    file: 'podmonitor-sidecars.yaml',
    condition: all(not(isNode), isSet('podMonitor.enabled')),
    node: podMonitor({ matchExpressions: [{ key: SIDECAR_LABEL, operator: 'Exists' }] }),
  },
  { file: 'injection-policy.yaml', condition: isInjection, node: injectionPolicy() },
  { file: 'injection-binding.yaml', condition: isInjection, node: injectionBinding() },
];
