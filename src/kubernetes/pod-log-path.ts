/** What the path of a container's log says. */
export interface PodLogPath {
  readonly namespace: string;
  readonly podName: string;
  readonly containerName: string;
  /** Of a static pod: the hash of its file, as the kubelet has it. Undefined: the path does not hold it. */
  readonly podUid: string | undefined;
  /** How often the container was started anew before this log. */
  readonly restartCount: number | undefined;
  readonly containerId: string | undefined;
  /** The folder of the pod, where the path is one of `/var/log/pods`. */
  readonly podFolder: string | undefined;
}

/** `<namespace>_<pod>_<uid>/<container>/<n>.log`, and what rotation makes of the last part. */
const IN_PODS = /^(.*\/([^/_]+)_([^/_]+)_([^/_]+))\/([^/]+)\/(\d+)\.log(?:\.[^/]*)?$/;
/** `<pod>_<namespace>_<container>-<64 hexadecimal digits>.log`, as the links of `/var/log/containers` are called. */
const IN_CONTAINERS = /\/([^/_]+)_([^/_]+)_([^/_]+)-([0-9a-f]{64})\.log$/;

/**
 * Reads what the kubelet writes into the paths of logs: `/var/log/pods/<namespace>_<pod>_<uid>/<container>/<n>.log`, or
 * the links to them in `/var/log/containers`. No name in there can hold `_`. Undefined: the path is neither.
 */
export function parsePodLogPath(path: string): PodLogPath | undefined {
  const pods = IN_PODS.exec(path);
  if (pods !== null) {
    const [, podFolder = '', namespace = '', podName = '', podUid = '', containerName = '', count = ''] = pods;
    const restartCount = Number(count);
    if (!Number.isSafeInteger(restartCount)) return undefined;
    return { namespace, podName, containerName, podUid, restartCount, containerId: undefined, podFolder };
  }
  const containers = IN_CONTAINERS.exec(path);
  if (containers === null) return undefined;
  const [, podName = '', namespace = '', containerName = '', containerId] = containers;
  const unknown = { podUid: undefined, restartCount: undefined, podFolder: undefined };
  return { namespace, podName, containerName, containerId, ...unknown };
}
