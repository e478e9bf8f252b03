import type { MetricFamily } from '../../core/metric.ts';
import type { CgroupUsage } from './cgroup.ts';
import type { Families, Reading } from './families.ts';
import type { NetworkIo } from './network.ts';
import type { ProcessGroup } from './processes.ts';

/** How full a file system is, in bytes. */
export interface Filesystem {
  readonly path: string;
  readonly usedBytes: number;
  /** For who is not root. */
  readonly freeBytes: number;
  readonly reservedBytes: number;
}

/** The metrics of a container by its control group (OpenTelemetry semantic conventions, container metrics). */
export function cgroupFamilies(families: Families, usage: CgroupUsage): MetricFamily[] {
  return [
    ...cpuTime(families, usage.userSeconds, usage.systemSeconds),
    ...families.of(
      {
        name: 'container.cpu.throttled.time',
        type: 'counter',
        unit: 's',
        description: 'Time in which the container had work to do and its limit kept it from it.',
      },
      [[usage.throttledSeconds]],
    ),
    ...families.of(
      {
        name: 'container.memory.usage',
        type: 'up_down_counter',
        unit: 'By',
        description: 'Memory usage of the container.',
      },
      [[usage.memoryBytes]],
    ),
    ...families.of(
      {
        name: 'container.memory.working_set',
        type: 'up_down_counter',
        unit: 'By',
        description: 'Memory without what the system can take back at once.',
      },
      [[usage.workingSetBytes]],
    ),
    ...rss(families, usage.rssBytes),
    ...families.of(
      {
        name: 'container.memory.available',
        type: 'up_down_counter',
        unit: 'By',
        description: 'What the limit leaves of the memory.',
      },
      [[available(usage)]],
    ),
    ...families.of({ name: 'container.paging.faults', type: 'counter', unit: '{fault}', description: 'Page faults.' }, [
      [usage.majorFaults, { 'system.paging.fault.type': 'major' }],
      [minorFaults(usage), { 'system.paging.fault.type': 'minor' }],
    ]),
    ...families.of(
      { name: 'container.disk.io', type: 'counter', unit: 'By', description: 'Bytes read and written.' },
      usage.disks.flatMap(({ device, readBytes, writtenBytes }): Reading[] => [
        [readBytes, { 'system.device': device, 'disk.io.direction': 'read' }],
        [writtenBytes, { 'system.device': device, 'disk.io.direction': 'write' }],
      ]),
    ),
    ...processCount(families, usage.processes),
  ];
}

/** What is known of a container by its processes alone. */
export function processFamilies(families: Families, group: ProcessGroup): MetricFamily[] {
  return [
    ...cpuTime(families, group.userSeconds, group.systemSeconds),
    ...rss(families, group.rssBytes),
    ...processCount(families, group.processes),
  ];
}

/** What only its processes say of a container. */
export function lifeFamilies(
  families: Families,
  group: ProcessGroup,
  systemSeconds: number | undefined,
): MetricFamily[] {
  const uptime = systemSeconds === undefined ? undefined : Math.max(0, systemSeconds - group.startSeconds);
  return [
    ...families.of(
      {
        name: 'container.uptime',
        type: 'gauge',
        unit: 's',
        description: 'How long the first process of the container has been running.',
      },
      [[uptime]],
    ),
    ...families.of(
      {
        name: 'process.thread.count',
        type: 'up_down_counter',
        unit: '{thread}',
        description: 'Threads of all processes of the container.',
      },
      [[group.threads]],
    ),
  ];
}

/** What the containers of a pod share. */
export function sharedFamilies(
  families: Families,
  network: readonly NetworkIo[],
  filesystems: readonly Filesystem[],
): MetricFamily[] {
  const states = filesystems.map(({ path, usedBytes, freeBytes, reservedBytes }) => {
    const labels = (state: string) => ({ 'system.filesystem.mountpoint': path, 'system.filesystem.state': state });
    return {
      used: [usedBytes, labels('used')],
      free: [freeBytes, labels('free')],
      reserved: [reservedBytes, labels('reserved')],
    } as const;
  });
  return [
    ...families.of(
      { name: 'container.network.io', type: 'counter', unit: 'By', description: 'Bytes received and sent by the pod.' },
      network.flatMap(({ name, receivedBytes, sentBytes }): Reading[] => [
        [receivedBytes, { 'network.interface.name': name, 'network.io.direction': 'receive' }],
        [sentBytes, { 'network.interface.name': name, 'network.io.direction': 'transmit' }],
      ]),
    ),
    ...families.of(
      {
        name: 'system.filesystem.usage',
        type: 'up_down_counter',
        unit: 'By',
        description: 'How full the volume is, by state.',
      },
      states.flatMap(({ used, free, reserved }): Reading[] => [used, free, reserved]),
    ),
    ...families.of(
      {
        name: 'system.filesystem.utilization',
        type: 'gauge',
        unit: '1',
        description: 'The part of the volume that is used.',
      },
      filesystems.map(
        ({ path, usedBytes, freeBytes }): Reading => [
          usedBytes + freeBytes === 0 ? undefined : usedBytes / (usedBytes + freeBytes),
          { 'system.filesystem.mountpoint': path },
        ],
      ),
    ),
  ];
}

function cpuTime(families: Families, user: number | undefined, system: number | undefined): MetricFamily[] {
  return families.of(
    { name: 'container.cpu.time', type: 'counter', unit: 's', description: 'Total CPU time consumed.' },
    [
      [user, { 'cpu.mode': 'user' }],
      [system, { 'cpu.mode': 'system' }],
    ],
  );
}

function rss(families: Families, bytes: number | undefined): MetricFamily[] {
  return families.of(
    {
      name: 'container.memory.rss',
      type: 'up_down_counter',
      unit: 'By',
      description: 'Memory that is no copy of a file.',
    },
    [[bytes]],
  );
}

function processCount(families: Families, processes: number | undefined): MetricFamily[] {
  return families.of(
    {
      name: 'system.process.count',
      type: 'up_down_counter',
      unit: '{process}',
      description: 'Processes of the container.',
    },
    [[processes]],
  );
}

function available({ memoryLimitBytes, workingSetBytes }: CgroupUsage): number | undefined {
  if (memoryLimitBytes === undefined || workingSetBytes === undefined) return undefined;
  return Math.max(0, memoryLimitBytes - workingSetBytes);
}

function minorFaults({ pageFaults, majorFaults }: CgroupUsage): number | undefined {
  return pageFaults === undefined || majorFaults === undefined ? undefined : pageFaults - majorFaults;
}
