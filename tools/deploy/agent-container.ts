import { equals, type Fields, isSet, type Node, not, Part, Spread, Text, Value, When } from './node.ts';

/** The account of the agent: of its image, and of nobody else. */
export const AGENT_ID = 65532;
const HEALTH_PORT = 9596;
export const isNative = equals('sidecar.kind', 'native');

/** How long a plain sidecar keeps SIGTERM back: both containers get it at once, and the application writes on. */
const HOLD = '15s';

const fromPod = (name: string, fieldPath: string): Fields => ({ name, valueFrom: { fieldRef: { fieldPath } } });

const endpoint: Fields = { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: new Value('backend.endpoint') };
const cluster = new When(isSet('clusterName'), { name: 'K8S_CLUSTER_NAME', value: new Value('clusterName') });

const probe = (path: string, timing: Fields): Fields => ({ httpGet: { path, port: 'pillion' }, ...timing });

/** No capabilities, no root file system to write to, no way to more rights. */
const locked: Fields = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

const common: Fields = {
  name: 'pillion',
  image: new Text(new Value('image.repository'), ':', new Value('image.tag')),
  imagePullPolicy: new Value('image.pullPolicy'),
};

const answering: Fields = {
  ports: [{ name: 'pillion', containerPort: HEALTH_PORT }],
};

const watched: Fields = {
  readinessProbe: probe('/readyz', { periodSeconds: 10, timeoutSeconds: 3 }),
  livenessProbe: probe('/livez', { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
};

const resources: Fields = {
  resources: { requests: new Value('resources.requests'), limits: new Value('resources.limits') },
};

/** The agent beside an application. */
export const sidecarContainer = new Part(
  'pillion.container',
  'The agent as a container: an init container that stays, where sidecar.kind is native.',
  {
    ...common,
    restartPolicy: new When(isNative, 'Always'),
    env: [
      fromPod('K8S_POD_NAME', 'metadata.name'),
      fromPod('K8S_POD_UID', 'metadata.uid'),
      fromPod('K8S_POD_IP', 'status.podIP'),
      fromPod('K8S_NAMESPACE_NAME', 'metadata.namespace'),
      fromPod('K8S_NODE_NAME', 'spec.nodeName'),
      { name: 'K8S_CONTAINER_NAME', value: new Value('sidecar.container') },
      cluster,
      endpoint,
      new Spread('env'),
    ],
    ...answering,
    startupProbe: probe('/startupz', { periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 60 }),
    ...watched,
    lifecycle: {
      preStop: {
        exec: {
          command: ['pillion', 'drain', new When(equals('sidecar.kind', 'plain'), `--hold=${HOLD}`)],
        },
      },
    },
    ...resources,
    securityContext: { runAsNonRoot: true, runAsUser: AGENT_ID, runAsGroup: AGENT_ID, ...locked },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'logs', mountPath: new Value('sidecar.logs.path'), readOnly: true },
      { name: 'pillion-state', mountPath: '/var/lib/pillion' },
      { name: 'pillion-config', mountPath: '/etc/pillion', readOnly: true },
      { name: 'podinfo', mountPath: '/etc/podinfo', readOnly: true },
      new Spread('extraVolumeMounts'),
    ],
  },
);

/** The volumes that it needs; `logs` is the one that the application writes to. */
export const sidecarVolumes: readonly Node[] = [
  { name: 'logs', emptyDir: { sizeLimit: new Value('sidecar.logs.sizeLimit') } },
  { name: 'pillion-state', emptyDir: { sizeLimit: '64Mi' } },
  { name: 'pillion-config', configMap: { name: new Value('configMap') } },
  {
    name: 'podinfo',
    downwardAPI: {
      items: [
        { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
        { path: 'annotations', fieldRef: { fieldPath: 'metadata.annotations' } },
      ],
    },
  },
];

/** The same as a part, for charts of users. */
export const sidecarVolumesPart = new Part('pillion.volumes', 'The volumes of the agent, and the one of the logs.', [
  ...sidecarVolumes,
  new Spread('extraVolumes'),
]);

/** The agent of a node. It runs as root, because the files of the kubelet are root's alone; with no capability at all. */
export const nodeContainer: Fields = {
  ...common,
  args: new When(isSet('gitSync.enabled'), ['run', '--config=/etc/pillion-git/current/pillion.yaml']),
  env: [fromPod('K8S_NODE_NAME', 'spec.nodeName'), cluster, endpoint, new Spread('env')],
  ...answering,
  startupProbe: probe('/startupz', { periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 60 }),
  ...watched,
  lifecycle: { preStop: { exec: { command: ['pillion', 'drain'] } } },
  ...resources,
  securityContext: { runAsUser: 0, runAsGroup: 0, ...locked },
  terminationMessagePolicy: 'FallbackToLogsOnError',
  volumeMounts: [
    new When(isSet('gitSync.enabled'), { name: 'pillion-git', mountPath: '/etc/pillion-git', readOnly: true }),
    { name: 'pod-logs', mountPath: '/var/log/pods', readOnly: true },
    new When(isSet('daemonset.dockerLogs'), {
      name: 'docker-logs',
      mountPath: '/var/lib/docker/containers',
      readOnly: true,
    }),
    { name: 'state', mountPath: '/var/lib/pillion' },
    new When(not(isSet('gitSync.enabled')), { name: 'pillion-config', mountPath: '/etc/pillion', readOnly: true }),
    new Spread('extraVolumeMounts'),
  ],
};
