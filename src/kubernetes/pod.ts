/** A container as the specification and the status of its pod have it. */
export interface PodContainer {
  readonly name: string;
  readonly image: string;
  /** The ids of the runtime by how often the container was started anew; the last two are known. */
  readonly ids: ReadonlyMap<number, string>;
}

/** What is kept of a pod that the kubelet or the API server has told of. */
export interface Pod {
  readonly uid: string;
  /** Of a static pod: the hash of its file, by which the kubelet names the folder of its logs. */
  readonly hash: string | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly ip: string | undefined;
  readonly startTime: string | undefined;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  readonly containers: readonly PodContainer[];
}

const HASH_ANNOTATION = 'kubernetes.io/config.hash';
const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'];
const STATUS_LISTS = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'];

/**
 * Reads a Pod object as the API has it; undefined where it is none. `keeps`: which annotations are of use; some hold a
 * whole manifest.
 */
export function parsePod(value: unknown, keeps: (annotation: string) => boolean): Pod | undefined {
  const { metadata, spec, status } = mapOf(value);
  const { uid, name, namespace, labels, annotations, ownerReferences } = mapOf(metadata);
  if (typeof uid !== 'string' || typeof name !== 'string' || typeof namespace !== 'string') return undefined;
  const all = textsOf(annotations);
  const owner = listOf(ownerReferences)
    .map(mapOf)
    .find(({ controller }) => controller === true);
  const statuses = new Map(
    STATUS_LISTS.flatMap((list) => listOf(mapOf(status)[list]).map(mapOf)).map((one) => [one['name'], one]),
  );
  return {
    uid,
    hash: all.get(HASH_ANNOTATION),
    namespace,
    name,
    ip: textOf(mapOf(status)['podIP']),
    startTime: textOf(mapOf(status)['startTime']),
    labels: textsOf(labels),
    annotations: new Map([...all].filter(([key]) => keeps(key))),
    owner: owner && { kind: String(owner['kind']), name: String(owner['name']) },
    containers: CONTAINER_LISTS.flatMap((list) => listOf(mapOf(spec)[list]).map(mapOf)).map((container) => ({
      name: textOf(container['name']) ?? '',
      image: textOf(container['image']) ?? '',
      ids: idsOf(statuses.get(container['name']) ?? {}),
    })),
  };
}

/** The ids of the running container and of the one before it. */
function idsOf(status: Readonly<Record<string, unknown>>): Map<number, string> {
  const ids = new Map<number, string>();
  const count = Number(status['restartCount'] ?? 0);
  const now = idOf(status['containerID']);
  const before = idOf(mapOf(mapOf(status['lastState'])['terminated'])['containerID']);
  if (before !== undefined) ids.set(count - 1, before);
  if (now !== undefined) ids.set(count, now);
  return ids;
}

/** `containerd://<id>` without the name of the runtime. */
function idOf(value: unknown): string | undefined {
  return textOf(value)?.replace(/^[^:]*:\/\//, '') || undefined;
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textsOf(value: unknown): Map<string, string> {
  return new Map(
    Object.entries(mapOf(value)).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])),
  );
}
