import { join } from 'node:path';
import { numberOf, numbersByWord, readText } from './read-text.ts';

/** What was read and written on one device, in bytes since the start. */
export interface DiskIo {
  /** `major:minor`. */
  readonly device: string;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** What a control group has used. What the system does not say is undefined. */
export interface CgroupUsage {
  readonly userSeconds: number | undefined;
  readonly systemSeconds: number | undefined;
  /** How long it had work to do and was kept from it by its limit. */
  readonly throttledSeconds: number | undefined;
  readonly memoryBytes: number | undefined;
  /** Without what the system can take back at once: what the kubelet looks at. */
  readonly workingSetBytes: number | undefined;
  readonly rssBytes: number | undefined;
  /** Undefined also where there is none. */
  readonly memoryLimitBytes: number | undefined;
  readonly pageFaults: number | undefined;
  readonly majorFaults: number | undefined;
  readonly disks: readonly DiskIo[];
  readonly processes: number | undefined;
}

const USEC = 1e-6;
const NSEC = 1e-9;
/** USER_HZ, by which version 1 counts. */
const TICK = 1 / 100;
/** Version 1 writes the largest number that it has where there is no limit. */
const NO_LIMIT = 2 ** 62;

/** Reads the control group at `root`, of version 2 or 1; undefined: there is none. */
export async function readCgroup(root: string): Promise<CgroupUsage | undefined> {
  const cpu = await readText(join(root, 'cpu.stat'));
  const isUnified = (await readText(join(root, 'cgroup.controllers'))) !== undefined;
  if (isUnified) return readUnified(root, cpu);
  return readVersion1(root);
}

async function readUnified(root: string, cpuText: string | undefined): Promise<CgroupUsage> {
  const read = (name: string): Promise<string | undefined> => readText(join(root, name));
  const cpu = numbersByWord(cpuText);
  const memory = numbersByWord(await read('memory.stat'));
  const memoryBytes = numberOf(await read('memory.current'));
  return {
    userSeconds: scaled(cpu.get('user_usec'), USEC),
    systemSeconds: scaled(cpu.get('system_usec'), USEC),
    throttledSeconds: scaled(cpu.get('throttled_usec'), USEC),
    memoryBytes,
    workingSetBytes: workingSet(memoryBytes, memory.get('inactive_file')),
    rssBytes: memory.get('anon'),
    memoryLimitBytes: numberOf(await read('memory.max')),
    pageFaults: memory.get('pgfault'),
    majorFaults: memory.get('pgmajfault'),
    disks: unifiedDisks(await read('io.stat')),
    processes: numberOf(await read('pids.current')),
  };
}

async function readVersion1(root: string): Promise<CgroupUsage | undefined> {
  const read = (controller: string, name: string): Promise<string | undefined> =>
    readText(join(root, controller, name));
  const cpu = numbersByWord((await read('cpuacct', 'cpuacct.stat')) ?? (await read('cpu,cpuacct', 'cpuacct.stat')));
  const bandwidth = numbersByWord(await read('cpu', 'cpu.stat'));
  const memory = numbersByWord(await read('memory', 'memory.stat'));
  const memoryBytes = numberOf(await read('memory', 'memory.usage_in_bytes'));
  if (cpu.size === 0 && memoryBytes === undefined) return undefined;
  const limit = numberOf(await read('memory', 'memory.limit_in_bytes'));
  return {
    userSeconds: scaled(cpu.get('user'), TICK),
    systemSeconds: scaled(cpu.get('system'), TICK),
    throttledSeconds: scaled(bandwidth.get('throttled_time'), NSEC),
    memoryBytes,
    workingSetBytes: workingSet(memoryBytes, memory.get('total_inactive_file')),
    rssBytes: memory.get('total_rss'),
    memoryLimitBytes: limit !== undefined && limit < NO_LIMIT ? limit : undefined,
    pageFaults: memory.get('total_pgfault'),
    majorFaults: memory.get('total_pgmajfault'),
    disks: version1Disks(await read('blkio', 'blkio.throttle.io_service_bytes')),
    processes: numberOf(await read('pids', 'pids.current')),
  };
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function workingSet(usage: number | undefined, inactiveFile = 0): number | undefined {
  return usage === undefined ? undefined : Math.max(0, usage - inactiveFile);
}

/** Lines such as `8:0 rbytes=1 wbytes=2 rios=…`. */
function unifiedDisks(text = ''): DiskIo[] {
  return text.split('\n').flatMap((line) => {
    const [, device, readBytes, writtenBytes] = /^(\d+:\d+) rbytes=(\d+) wbytes=(\d+)/.exec(line) ?? [];
    if (device === undefined) return [];
    return [{ device, readBytes: Number(readBytes), writtenBytes: Number(writtenBytes) }];
  });
}

/** Lines such as `8:0 Read 1`, `8:0 Write 2`. */
function version1Disks(text = ''): DiskIo[] {
  const disks = new Map<string, { readBytes: number; writtenBytes: number }>();
  for (const line of text.split('\n')) {
    const [, device, direction, bytes] = /^(\d+:\d+) (Read|Write) (\d+)$/.exec(line) ?? [];
    if (device === undefined) continue;
    const disk = disks.get(device) ?? { readBytes: 0, writtenBytes: 0 };
    disk[direction === 'Read' ? 'readBytes' : 'writtenBytes'] = Number(bytes);
    disks.set(device, disk);
  }
  return Array.from(disks, ([device, disk]) => ({ device, ...disk }));
}
