import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { Resource, type ResourceValue } from '../core/resource.ts';
import { parseImage } from './image-reference.ts';
import type { Pod } from './pod.ts';
import { type ChosenKeys, podAttributes } from './pod-attributes.ts';
import type { PodFeed } from './pod-feed.ts';
import { type PodLogPath, parsePodLogPath } from './pod-log-path.ts';
import type { PodStore } from './pod-store.ts';

/** Whether the agent has a file: it reads it, waits to know more of its pod, or leaves it to others. */
export type PodVerdict = 'read' | 'wait' | 'exclude';

/** What the records of a file carry. The same object as long as nothing of it has changed. */
export interface PodOrigin {
  readonly resource: Resource;
  /** The pipeline that the pod asks for. */
  readonly pipeline?: string;
}

/** What is said of pods on a node. */
export interface PodStreamsOptions {
  /** Undefined: nobody is asked of pods. */
  readonly feed: PodFeed | undefined;
  readonly store: PodStore;
  readonly clock: Clock;
  /** How long a file waits to know more of its pod. */
  readonly waitMs: number;
  readonly chosen: ChosenKeys;
  readonly nodeName: string | undefined;
  readonly clusterName: string | undefined;
  /** Attributes that win over those of pods; asked for anew each time. */
  readonly written: () => ReadonlyMap<string, ResourceValue>;
  /** A file is read without what only the cluster knows of its pod. */
  readonly onUnknown: (path: string) => void;
}

/** The agent's container, beside an application or in its own pod, and its image. */
const SIDECAR = 'pillion';
const EXCLUDE = 'pillion.dev/exclude';
const PIPELINE = 'pillion.dev/pipeline';

/** What rotation adds to the name of a log. */
const ROTATED = /(\.log)\.[^/]*$/;

/** What OpenTelemetry calls a service that says nothing of itself. */
const UNKNOWN_SERVICE = 'unknown_service';

/** How often a folder is looked at for a sidecar that came later. */
const SIDECAR_LOOK_MS = 10_000;
/** What nobody has asked for so long is forgotten. */
const FORGET_MS = 600_000;

/** What is known of the log of a container. */
interface Entry {
  readonly log: PodLogPath;
  readonly sinceMs: number;
  usedMs: number;
  pod: Pod | undefined;
  version: number;
  isSaid: boolean;
  isSidecarThere: boolean;
  lookMs: number;
  written: ReadonlyMap<string, ResourceValue> | undefined;
  origin: PodOrigin | undefined;
}

/** Says of each file on a node whether it is read, and what its records carry, by its path and by what pods say. */
export class PodStreams {
  readonly #options: PodStreamsOptions;
  /** By path; null: it is that of no container. */
  readonly #entries = new Map<string, Entry | null>();
  /** Of files that are none of a container. */
  #node: { readonly written: ReadonlyMap<string, ResourceValue>; readonly origin: PodOrigin } | undefined;
  #prunedMs = 0;

  constructor(options: PodStreamsOptions) {
    this.#options = options;
  }

  /** Follows the pods until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#options.feed?.run(signal);
  }

  /** Whether the file at `path` is read. */
  verdict(path: string): PodVerdict {
    const entry = this.#entry(path);
    if (entry === undefined) return 'read';
    const { log, pod } = entry;
    const said = pod?.annotations.get(EXCLUDE);
    if (said === 'true') return 'exclude';
    if (said === 'false') return 'read';
    if (log.containerName === SIDECAR || this.#hasSidecar(entry)) return 'exclude';
    const { feed, clock, waitMs, onUnknown } = this.#options;
    if (pod !== undefined || feed === undefined || entry.isSaid) return 'read';
    feed.want();
    if (clock.nowMs() - entry.sinceMs < waitMs) return 'wait';
    // From now on nobody asks for it again: the folders of pods outlive them.
    onUnknown(path);
    entry.isSaid = true;
    return 'read';
  }

  /** What the records of that file carry now. */
  origin(path: string): PodOrigin {
    const entry = this.#entry(path);
    const written = this.#options.written();
    if (entry === undefined) return this.#originOfNode(written);
    if (entry.origin === undefined || entry.written !== written) {
      entry.written = written;
      entry.origin = this.#makeOrigin(entry);
    }
    return entry.origin;
  }

  #entry(fullPath: string): Entry | undefined {
    const { clock, store } = this.#options;
    // All files of a container's life share what is known of it.
    const path = fullPath.endsWith('.log') ? fullPath : fullPath.replace(ROTATED, '$1');
    const nowMs = clock.nowMs();
    let entry = this.#entries.get(path);
    if (entry === null) return undefined;
    if (entry === undefined) {
      this.#prune(nowMs);
      const log = parsePodLogPath(path);
      if (log === undefined) {
        this.#entries.set(path, null);
        return undefined;
      }
      const fresh = { isSaid: false, isSidecarThere: false, lookMs: Number.NEGATIVE_INFINITY };
      const nothing = { pod: undefined, version: -1, written: undefined, origin: undefined };
      entry = { log, sinceMs: nowMs, usedMs: nowMs, ...fresh, ...nothing };
      this.#entries.set(path, entry);
    }
    entry.usedMs = nowMs;
    if (entry.version !== store.version) {
      const { podUid: uid, namespace, podName: name } = entry.log;
      const pod = store.find({ uid, namespace, name });
      entry.version = store.version;
      // What was known stays when the pod is forgotten.
      if (pod !== undefined && pod !== entry.pod) {
        entry.pod = pod;
        entry.origin = undefined;
      }
    }
    return entry;
  }

  #hasSidecar(entry: Entry): boolean {
    const { pod, log } = entry;
    if (pod !== undefined) {
      const isSidecar = ({ name, image }: { name: string; image: string }): boolean =>
        name === SIDECAR || parseImage(image).name.split('/').at(-1) === SIDECAR;
      return pod.containers.some(isSidecar);
    }
    if (log.podFolder === undefined) return false;
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - entry.lookMs >= SIDECAR_LOOK_MS) {
      entry.lookMs = nowMs;
      entry.isSidecarThere = existsSync(join(log.podFolder, SIDECAR));
    }
    return entry.isSidecarThere;
  }

  #makeOrigin({ log, pod }: Entry): PodOrigin {
    const { nodeName, clusterName, chosen, written } = this.#options;
    const container = pod?.containers.find(({ name }) => name === log.containerName);
    const { restartCount } = log;
    const attributes = podAttributes(
      {
        podName: log.podName,
        namespace: log.namespace,
        podUid: pod?.uid ?? log.podUid,
        podIp: pod?.ip,
        startTime: pod?.startTime,
        nodeName,
        clusterName,
        labels: pod?.labels,
        annotations: pod?.annotations,
        owner: pod?.owner,
        containerName: log.containerName,
        containerId: log.containerId ?? (restartCount === undefined ? undefined : container?.ids.get(restartCount)),
        image: container?.image,
        restartCount,
      },
      chosen,
    );
    const resource = new Resource([...attributes, ...written()]);
    const pipeline = pod?.annotations.get(PIPELINE);
    return pipeline === undefined ? { resource } : { resource, pipeline };
  }

  /** Whatever else lies on the node is not of the agent's own pod. */
  #originOfNode(written: ReadonlyMap<string, ResourceValue>): PodOrigin {
    if (this.#node?.written === written) return this.#node.origin;
    const { nodeName, clusterName } = this.#options;
    const attributes = new Map<string, ResourceValue>([['service.name', UNKNOWN_SERVICE]]);
    if (clusterName !== undefined) attributes.set('k8s.cluster.name', clusterName);
    if (nodeName !== undefined) attributes.set('k8s.node.name', nodeName);
    const origin = { resource: new Resource([...attributes, ...written]) };
    this.#node = { written, origin };
    return origin;
  }

  #prune(nowMs: number): void {
    if (nowMs - this.#prunedMs < FORGET_MS) return;
    this.#prunedMs = nowMs;
    for (const [path, entry] of this.#entries) {
      if (entry === null || nowMs - entry.usedMs > FORGET_MS) this.#entries.delete(path);
    }
  }
}

/** Which annotations of pods are kept: those that something is done with. */
export function keptAnnotations({ annotations }: ChosenKeys): (key: string) => boolean {
  return (key) =>
    key === EXCLUDE ||
    key === PIPELINE ||
    key.startsWith('resource.opentelemetry.io/') ||
    annotations.includes('*') ||
    annotations.includes(key);
}
