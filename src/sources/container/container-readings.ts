import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { MetricFamily, MetricSet } from '../../core/metric.ts';
import { Resource } from '../../core/resource.ts';
import { readCgroup } from './cgroup.ts';
import { cgroupFamilies, lifeFamilies, processFamilies, sharedFamilies } from './container-metrics.ts';
import { Families } from './families.ts';
import { Filesystems } from './filesystems.ts';
import { parseNetwork } from './network.ts';
import { cgroupOf, Processes, type ProcessGroup } from './processes.ts';
import { readText } from './read-text.ts';

export interface ContainerReadingsOptions {
  /** Folders on the volumes whose fill level is read. */
  readonly paths: readonly string[];
  /** Whether other containers are looked for among the processes. */
  readonly processes: boolean;
  /** Where the system shows processes: `/proc`. */
  readonly proc: string;
  /** Where it shows the own control group: `/sys/fs/cgroup`. */
  readonly cgroup: string;
  /** What the agent knows of itself now. */
  readonly resource: () => Resource;
  readonly scopeVersion: string;
  readonly clock: Clock;
  /** Is told what cannot be read, each time. */
  readonly onTrouble: (path: string, error: string) => void;
}

/** Reads what the containers of the pod use. What the system does not show is left out. */
export class ContainerReadings {
  readonly #options: ContainerReadingsOptions;
  readonly #families = new Families();
  readonly #filesystems: Filesystems;
  readonly #processes: Processes;
  /** Resources of other containers, so that each is the same object each time. */
  #resources = new Map<string, { readonly own: Resource; readonly resource: Resource }>();

  constructor(options: ContainerReadingsOptions) {
    this.#options = options;
    this.#filesystems = new Filesystems(options);
    this.#processes = new Processes(options.proc);
  }

  /** Takes the readings of now. Never rejects. */
  async read(): Promise<MetricSet[]> {
    const { proc, cgroup, resource, clock } = this.#options;
    const families = this.#families;
    const own = resource();
    const groups = this.#options.processes ? await this.#processes.read() : [];
    const ownCgroup = cgroupOf((await readText(join(proc, 'self/cgroup'))) ?? '');
    const systemSeconds = Number((await readText(join(proc, 'uptime')))?.split(' ')[0] ?? Number.NaN);
    const uptime = Number.isNaN(systemSeconds) ? undefined : systemSeconds;
    const network = parseNetwork(await readText(join(proc, 'net/dev')));
    const usage = await readCgroup(cgroup);
    const ownGroup = groups.find((group) => group.cgroup === ownCgroup);
    const ownFamilies = [
      ...(usage !== undefined ? cgroupFamilies(families, usage) : ownGroup ? processFamilies(families, ownGroup) : []),
      ...(ownGroup === undefined ? [] : lifeFamilies(families, ownGroup, uptime)),
      ...sharedFamilies(families, network, await this.#filesystems.read()),
    ];
    const atMs = clock.unixMs();
    const sets = [this.#setOf(own, ownFamilies, atMs)];
    for (const group of groups) {
      if (group === ownGroup) continue;
      // Their control groups can be seen through the root folder of a process, which it may make into a trap.
      const others = [...processFamilies(families, group), ...lifeFamilies(families, group, uptime)];
      sets.push(this.#setOf(this.#resourceOf(group, own), others, atMs));
    }
    this.#resources = new Map(
      [...this.#resources].filter(([cgroup]) => groups.some((group) => group.cgroup === cgroup)),
    );
    return sets;
  }

  #setOf(resource: Resource, families: readonly MetricFamily[], unixMs: number): MetricSet {
    const scope = { name: 'pillion', version: this.#options.scopeVersion };
    return { resource, scope, naming: 'otlp', unixMs, families };
  }

  #resourceOf({ cgroup, containerId, executable }: ProcessGroup, own: Resource): Resource {
    const known = this.#resources.get(cgroup);
    if (known?.own === own) return known.resource;
    const id: [string, string][] = containerId === undefined ? [] : [['container.id', containerId]];
    // The name of the container the agent runs in is not that of another one.
    const attributes = [...own.attributes].filter(([name]) => !OWN_ALONE.has(name));
    const instance = own.attributes.get('service.instance.id');
    const resource = new Resource([
      ...attributes,
      ...id,
      ['process.executable.name', executable],
      ['service.instance.id', [instance, containerId?.slice(0, 12) ?? cgroup].filter((part) => part).join('/')],
    ]);
    this.#resources.set(cgroup, { own, resource });
    return resource;
  }
}

/** Attributes of the agent's own container. */
const OWN_ALONE = new Set([
  'container.id',
  'container.name',
  'k8s.container.name',
  'service.instance.id',
  'process.pid',
]);
