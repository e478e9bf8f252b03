import type { Values } from './node.ts';

/** A value of the chart: where it lies, what it is when nobody says otherwise, and what it is for. */
export interface ValueDoc {
  readonly path: string;
  readonly standard: unknown;
  readonly doc: string;
  /** What a text may be. */
  readonly choices?: readonly string[];
}

/** The version of the agent, and so of the chart and the image. */
export const IMAGE = 'pillion';

/** All values of the chart, in the order of `values.yaml`. */
export function chartValues(version: string): readonly ValueDoc[] {
  return [
    {
      path: 'mode',
      standard: 'daemonset',
      choices: ['daemonset', 'sidecar', 'injection'],
      doc: 'What is installed: one agent a node; a workload with the agent beside it; or the policy that puts the agent into pods by their label.',
    },
    { path: 'image.repository', standard: IMAGE, doc: 'The image, with your registry before it.' },
    { path: 'image.tag', standard: version, doc: 'Its tag; that of the chart is the one that was tested.' },
    { path: 'image.pullPolicy', standard: 'IfNotPresent', doc: 'When the image is pulled.' },
    { path: 'imagePullSecrets', standard: [], doc: 'Secrets for the registry, as `[{ name: registry }]`.' },
    {
      path: 'backend.endpoint',
      standard: 'http://collector.observability:4318',
      doc: 'Where records go: the base URL of OTLP over HTTP.',
    },
    {
      path: 'config',
      standard: '',
      doc: 'The whole `pillion.yaml`. Without it: one that fits the mode, which sends lines as they are recognized.',
    },
    { path: 'configMap', standard: 'pillion', doc: 'The name of the ConfigMap that holds it, as `pillion.yaml`.' },
    { path: 'clusterName', standard: '', doc: 'Sets `k8s.cluster.name`.' },
    { path: 'env', standard: [], doc: 'Further variables of the agent, as a container has them.' },
    {
      path: 'resources.requests',
      standard: { cpu: '20m', memory: '96Mi' },
      doc: 'What was measured, see docs/deploy/README.md.',
    },
    { path: 'resources.limits', standard: { memory: '256Mi' }, doc: 'No limit of CPU: it would only delay the drain.' },
    { path: 'extraVolumes', standard: [], doc: 'Further volumes of the pod, such as a Secret with a token.' },
    { path: 'extraVolumeMounts', standard: [], doc: 'Where the agent sees them.' },
    { path: 'podLabels', standard: {}, doc: 'Further labels of pods.' },
    { path: 'podAnnotations', standard: {}, doc: 'Further annotations of pods.' },
    {
      path: 'scrapeAnnotations',
      standard: true,
      doc: 'Annotations by which a Prometheus without an operator finds `/metrics`.',
    },
    { path: 'podMonitor.enabled', standard: false, doc: 'A PodMonitor, for the operator of Prometheus.' },
    { path: 'podMonitor.labels', standard: {}, doc: 'Labels by which that Prometheus chooses it.' },
    {
      path: 'networkPolicy.enabled',
      standard: false,
      doc: 'A NetworkPolicy: metrics and probes in, DNS and the backend out.',
    },
    { path: 'networkPolicy.backendPort', standard: 4318, doc: 'The port of the backend.' },
    {
      path: 'terminationGracePeriodSeconds',
      standard: 60,
      doc: 'One countdown for the whole pod: what the application needs, and the 25 s that the agent may take after it.',
    },
    {
      path: 'sidecar.kind',
      standard: 'native',
      choices: ['native', 'plain'],
      doc: 'A native sidecar needs Kubernetes 1.29; a plain one is a second container.',
    },
    {
      path: 'sidecar.hold',
      standard: '15s',
      doc: 'How long a plain sidecar keeps SIGTERM back, which both containers get at once: as long as the application takes to end.',
    },
    {
      path: 'sidecar.container',
      standard: 'app',
      doc: 'The container that writes the logs, for `k8s.container.name`.',
    },
    { path: 'sidecar.logs.path', standard: '/var/log/app', doc: 'Where the agent sees the shared volume.' },
    { path: 'sidecar.logs.sizeLimit', standard: '1Gi', doc: 'Beyond it the kubelet evicts the pod.' },
    {
      path: 'workload.kind',
      standard: 'Deployment',
      choices: ['Deployment', 'Job', 'CronJob', 'None'],
      doc: 'With mode sidecar: what runs your application; None: a chart of yours, which includes the parts of this one.',
    },
    { path: 'workload.name', standard: 'app', doc: 'Its name.' },
    { path: 'workload.replicas', standard: 1, doc: 'How many pods a Deployment has.' },
    { path: 'workload.schedule', standard: '0 3 * * *', doc: 'When a CronJob runs.' },
    {
      path: 'workload.containers',
      standard: [
        {
          name: 'app',
          image: 'nginxinc/nginx-unprivileged:1.29',
          volumeMounts: [{ name: 'logs', mountPath: '/var/log/nginx' }],
        },
      ],
      doc: 'The containers of your application. One of them mounts the volume `logs` and writes its files there.',
    },
    { path: 'daemonset.tolerations', standard: [{ operator: 'Exists' }], doc: 'All nodes, whatever their taints.' },
    { path: 'daemonset.nodeSelector', standard: { 'kubernetes.io/os': 'linux' }, doc: 'Which nodes.' },
    { path: 'daemonset.priorityClass.create', standard: true, doc: 'Whether the PriorityClass comes with the chart.' },
    { path: 'daemonset.priorityClass.name', standard: 'pillion', doc: 'The PriorityClass of the pods.' },
    {
      path: 'daemonset.dockerLogs',
      standard: false,
      doc: 'Mounts `/var/lib/docker/containers`, too, where the links of /var/log/pods lead on nodes with Docker.',
    },
    {
      path: 'kubernetesApi.enabled',
      standard: false,
      doc: 'Labels and annotations of the pods of the node through the API: a token, and the right to get, list and watch pods.',
    },
    { path: 'gitSync.enabled', standard: false, doc: 'Takes `pillion.yaml` out of a git repository, and follows it.' },
    { path: 'gitSync.image', standard: 'registry.k8s.io/git-sync/git-sync:v4.4.2', doc: 'The image that fetches it.' },
    {
      path: 'gitSync.repo',
      standard: 'https://git.example.com/team/logging.git',
      doc: 'The repository; `pillion.yaml` lies at its top.',
    },
    { path: 'gitSync.ref', standard: 'main', doc: 'The branch or tag.' },
    { path: 'gitSync.period', standard: '60s', doc: 'How often it is looked at.' },
  ];
}

/** The values as one map. */
export function standardValues(version: string): Values {
  return mapOf(
    chartValues(version).map(({ path, standard }) => [path, standard] as const),
    {
      $release: 'pillion',
      $namespace: 'default',
    },
  );
}

/** `values` with others laid over them, by path. */
export function withValues(values: Values, changes: Readonly<Record<string, unknown>>): Values {
  return mapOf(Object.entries(changes), structuredClone(values) as Record<string, unknown>);
}

function mapOf(entries: Iterable<readonly [string, unknown]>, into: Record<string, unknown>): Values {
  for (const [path, value] of entries) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let at = into;
    for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>;
    at[last] = value;
  }
  return into;
}
