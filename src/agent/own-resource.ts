import { isDeepStrictEqual } from 'node:util';
import type { AgentConfig } from '../config/agent-config.ts';
import { composeResource } from '../config/resource.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { Resource, ResourceValue } from '../core/resource.ts';
import { isSamePodInfo, type PodInfo, readPodInfo } from '../kubernetes/downward-api.ts';
import type { Logger } from '../telemetry/logger.ts';

/** How often the files are read; the kubelet brings them up to date about once a minute. */
const READ_INTERVAL_MS = 30_000;

/** The resource of the pod that the agent runs in, which changes with the labels of the pod. */
export class OwnResource {
  #layers: AgentConfig['resourceLayers'];
  readonly #logger: Logger;
  #current: Resource;
  #info: PodInfo | undefined;
  #written: ReadonlyMap<string, ResourceValue>;

  constructor(config: Pick<AgentConfig, 'resource' | 'resourceLayers'>, logger: Logger) {
    this.#layers = config.resourceLayers;
    this.#logger = logger;
    this.#current = config.resource;
    this.#written = new Map(Object.entries(this.#layers.written));
    this.#info = this.#read();
  }

  /** The same object as long as nothing has changed. */
  get current(): Resource {
    return this.#current;
  }

  /** Takes the resource of another configuration; nothing changes where it is the same. */
  use({ resource, resourceLayers }: Pick<AgentConfig, 'resource' | 'resourceLayers'>): void {
    this.#layers = resourceLayers;
    this.#written = new Map(Object.entries(resourceLayers.written));
    this.#info = this.#read();
    if (!isDeepStrictEqual([...resource.attributes], [...this.#current.attributes])) this.#current = resource;
  }

  /** What of it is written in the configuration: the same object as long as that is the same. */
  get written(): ReadonlyMap<string, ResourceValue> {
    return this.#written;
  }

  /** Reads the files again from time to time until `signal` aborts; at once where the agent does not know its pod. */
  async follow(clock: Clock, signal: AbortSignal): Promise<void> {
    if (this.#layers.pod === undefined) return;
    while (!signal.aborted) {
      await clock.sleep(READ_INTERVAL_MS, signal);
      if (!signal.aborted) this.refresh();
    }
  }

  /** Reads the files; what was read before stays where they cannot be read, or are gone. */
  refresh(): void {
    const info = this.#read();
    if (info === undefined || (this.#info !== undefined && isSamePodInfo(info, this.#info))) return;
    if (info.labels === undefined && info.annotations === undefined) return;
    this.#info = info;
    this.#current = composeResource(this.#layers, info);
    this.#logger.info('The labels or annotations of the pod have changed: so has the resource of its records.');
  }

  #read(): PodInfo | undefined {
    if (this.#layers.pod === undefined) return undefined;
    try {
      return readPodInfo(this.#layers.podInfo.path);
    } catch (error) {
      this.#logger.debug({ error: messageOf(error) }, 'What the downward API says of the pod cannot be read.');
      return undefined;
    }
  }
}
