import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PodFacts } from './pod-attributes.ts';

/**
 * The variables that say in which pod the agent runs: the attribute that each one gives, in capitals. All but the last
 * two come from the downward API; an image and the name of a container are written out.
 */
export const POD_VARIABLES = {
  podName: 'K8S_POD_NAME',
  podUid: 'K8S_POD_UID',
  podIp: 'K8S_POD_IP',
  namespace: 'K8S_NAMESPACE_NAME',
  nodeName: 'K8S_NODE_NAME',
  clusterName: 'K8S_CLUSTER_NAME',
  containerName: 'K8S_CONTAINER_NAME',
  image: 'K8S_CONTAINER_IMAGE',
} as const;

/** Where the volume of the downward API lies, if nobody says otherwise: the place in Kubernetes' own examples. */
export const POD_INFO_FOLDER = '/etc/podinfo';

/** The two files of the volume, as far as they are there. */
export interface PodInfo {
  readonly labels: ReadonlyMap<string, string> | undefined;
  readonly annotations: ReadonlyMap<string, string> | undefined;
}

/** What the variables say; an empty one counts as not set. Undefined where none names the pod. */
export function podFromEnvironment(env: Readonly<Record<string, string | undefined>>): PodFacts | undefined {
  const facts: Record<string, string> = {};
  for (const [fact, variable] of Object.entries(POD_VARIABLES)) {
    const value = Object.hasOwn(env, variable) ? env[variable] : undefined;
    if (value) facts[fact] = value;
  }
  const { podName, ...others } = facts;
  return podName === undefined ? undefined : { podName, ...others };
}

/** Reads the volume at once. A file that is not there is none; throws when one is there and cannot be read. */
export function readPodInfo(folder: string): PodInfo {
  return { labels: readPairs(join(folder, 'labels')), annotations: readPairs(join(folder, 'annotations')) };
}

/** Whether both hold the same. */
export function isSamePodInfo(one: PodInfo, other: PodInfo): boolean {
  return isSame(one.labels, other.labels) && isSame(one.annotations, other.annotations);
}

/**
 * Reads lines of `key="value"`, as the downward API writes labels and annotations: the value is quoted as Go quotes a
 * text. What is no such line is passed over.
 */
export function parsePodInfo(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, quoted] = /^([^=\s"]+)="((?:[^"\\]|\\.)*)"\s*$/.exec(line) ?? [];
    if (key !== undefined && quoted !== undefined) pairs.set(key, unquoteGo(quoted));
  }
  return pairs;
}

const ESCAPE = /(?:\\x[0-9a-f]{2})+|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\[^xuU]/g;
const LETTERS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Go's `strconv.Quote()` backwards. What it writes as `\x80` is a byte that is no UTF-8. */
function unquoteGo(quoted: string): string {
  return quoted.replace(ESCAPE, (sequence) => {
    const kind = sequence[1]!;
    if (kind === 'x') return Buffer.from(sequence.replaceAll('\\x', ''), 'hex').toString();
    if (kind !== 'u' && kind !== 'U') return LETTERS[kind] ?? kind;
    const point = Number.parseInt(sequence.slice(2), 16);
    return point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
  });
}

function readPairs(path: string): Map<string, string> | undefined {
  try {
    return parsePodInfo(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function isSame(one: PodInfo['labels'], other: PodInfo['labels']): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}
