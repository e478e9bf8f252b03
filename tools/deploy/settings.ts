/** What differs from the standard values in one way to run the agent. */
export type Changes = Readonly<Record<string, unknown>>;

/** A way to run the agent, for kustomize and for the chart alike. */
export interface Setting {
  readonly name: string;
  readonly summary: string;
  readonly changes: Changes;
}

/** A Job that writes lines, and says at its end, well or not, that it is done: what a plain sidecar waits for. */
export const JOB_CONTAINERS = [
  {
    name: 'app',
    image: 'busybox:1.37',
    command: ['sh', '-c'],
    args: [
      'trap \'touch /var/log/app/.done\' EXIT; for i in $(seq 100); do echo "step $i of 100" >> /var/log/app/job.log; done',
    ],
    volumeMounts: [{ name: 'logs', mountPath: '/var/log/app' }],
  },
];

const sidecar = (kind: string, more: Changes = {}): Changes => ({ mode: 'sidecar', 'sidecar.kind': kind, ...more });
const job = (kind: string, workload: string): Changes =>
  sidecar(kind, { 'workload.kind': workload, 'workload.name': 'app', 'workload.containers': JOB_CONTAINERS });

/** Each is an overlay of kustomize and a file of values, and a test compares the objects that they make. */
export const settings: readonly Setting[] = [
  { name: 'sidecar', summary: 'a Deployment with a native sidecar', changes: sidecar('native') },
  { name: 'plain-sidecar', summary: 'a Deployment with a second container', changes: sidecar('plain') },
  { name: 'job', summary: 'a Job with a native sidecar', changes: job('native', 'Job') },
  { name: 'plain-job', summary: 'a Job whose agent ends by itself', changes: job('plain', 'Job') },
  { name: 'cronjob', summary: 'a CronJob with a native sidecar', changes: job('native', 'CronJob') },
  { name: 'plain-cronjob', summary: 'a CronJob whose agent ends by itself', changes: job('plain', 'CronJob') },
  { name: 'daemonset', summary: 'an agent a node', changes: {} },
  {
    name: 'daemonset-api',
    summary: 'an agent a node that asks the API for labels and annotations',
    changes: { 'kubernetesApi.enabled': true },
  },
  {
    name: 'daemonset-git-sync',
    summary: 'an agent a node whose configuration comes from git',
    changes: { 'gitSync.enabled': true },
  },
  {
    name: 'daemonset-monitored',
    summary: 'an agent a node with a PodMonitor and a NetworkPolicy',
    changes: { 'podMonitor.enabled': true, 'networkPolicy.enabled': true },
  },
  {
    name: 'injection',
    summary: 'the policy that puts native sidecars into pods by their label',
    changes: { mode: 'injection' },
  },
];
