/** What a pod says of the controller that made it. */
export interface WorkloadFacts {
  readonly podName: string;
  /** Undefined: nobody knows them, which is not the same as none. */
  readonly labels?: ReadonlyMap<string, string> | undefined;
  /** The controller, where the API says it: `ReplicaSet` and its name. */
  readonly owner?: { readonly kind: string; readonly name: string } | undefined;
}

/** The letters and digits of generated names: no vowels, so that they spell nothing. */
const GENERATED = 'bcdfghjklmnpqrstvwxz2456789';
/** `<name>-<five letters>`, of what controllers make many of. */
const ONE_OF_MANY = new RegExp(`^(.+)-[${GENERATED}]{5}$`);
/** `<deployment>-<hash of the template>-<five letters>`; a number there is that of a CronJob. */
const DEPLOYED = new RegExp(`^(.+)-(?!\\d+-)([${GENERATED}]{8,10})-[${GENERATED}]{5}$`);
/** A Job of a CronJob ends with the minute for which it was made, counted from 1970; these are 2022 to 2046. */
const OF_CRON_JOB = /^(.+)-(\d{8})$/;
const FIRST_MINUTE = 27_000_000;
const LAST_MINUTE = 40_000_000;

const HASH_LABEL = 'pod-template-hash';
const JOB_LABELS = ['batch.kubernetes.io/job-name', 'job-name'];

/**
 * The workload that a pod belongs to, as attributes of the resource: the owner that the API names, else what controllers
 * write into labels, else, where not even labels are known, the shape of the name.
 */
export function workloadAttributes(facts: WorkloadFacts): [string, string][] {
  const { owner, labels, podName } = facts;
  if (owner !== undefined) return ofOwner(owner, labels?.get(HASH_LABEL));
  if (labels === undefined) {
    const [, deployment, hash] = DEPLOYED.exec(podName) ?? [];
    return deployment === undefined ? [] : ofReplicaSet(`${deployment}-${hash}`, hash);
  }
  return ofLabels(podName, labels);
}

function ofOwner({ kind, name }: { kind: string; name: string }, hash: string | undefined): [string, string][] {
  switch (kind) {
    case 'ReplicaSet':
      return ofReplicaSet(name, hash);
    case 'Job':
      return ofJob(name);
    case 'StatefulSet':
    case 'DaemonSet':
      return [[`k8s.${kind.toLowerCase()}.name`, name]];
    default:
      return [];
  }
}

function ofLabels(podName: string, labels: ReadonlyMap<string, string>): [string, string][] {
  const job = JOB_LABELS.map((label) => labels.get(label)).find((name) => name);
  if (job !== undefined) return ofJob(job);
  if (labels.has('statefulset.kubernetes.io/pod-name')) {
    const [, set] = /^(.+)-\d+$/.exec(podName) ?? [];
    return set === undefined ? [] : [['k8s.statefulset.name', set]];
  }
  const [, base] = ONE_OF_MANY.exec(podName) ?? [];
  if (base === undefined) return [];
  const hash = labels.get(HASH_LABEL);
  // A name that was too long was cut, and no longer ends with the hash.
  if (hash !== undefined) return base.endsWith(`-${hash}`) ? ofReplicaSet(base, hash) : [];
  return labels.has('pod-template-generation') ? [['k8s.daemonset.name', base]] : [];
}

/** A ReplicaSet that ends with the hash of its template is one of a Deployment. */
function ofReplicaSet(name: string, hash: string | undefined): [string, string][] {
  const replicaSet: [string, string] = ['k8s.replicaset.name', name];
  if (hash === undefined || !name.endsWith(`-${hash}`)) return [replicaSet];
  return [['k8s.deployment.name', name.slice(0, -hash.length - 1)], replicaSet];
}

function ofJob(name: string): [string, string][] {
  const job: [string, string] = ['k8s.job.name', name];
  const [, cronJob, minute = ''] = OF_CRON_JOB.exec(name) ?? [];
  const isMinute = Number(minute) >= FIRST_MINUTE && Number(minute) <= LAST_MINUTE;
  return cronJob === undefined || !isMinute ? [job] : [['k8s.cronjob.name', cronJob], job];
}
