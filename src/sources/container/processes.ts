import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readText } from './read-text.ts';

/** The processes of one container, added up. */
export interface ProcessGroup {
  /** The control group, as a process beside them sees it: what tells containers apart. */
  readonly cgroup: string;
  /** The id that the container runtime gave it; undefined: the control group is not called by it. */
  readonly containerId: string | undefined;
  /** The name of its first process. */
  readonly executable: string;
  /** Its first process, by which more is found. */
  readonly pid: number;
  readonly processes: number;
  readonly threads: number;
  /** What its processes have used since they were first seen or before; never less than the last time. */
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly rssBytes: number;
  /** When its first process was started, in seconds since the system was. */
  readonly startSeconds: number;
}

interface OneProcess extends ProcessGroup {
  /** Another one for a process that gets the same number later. */
  readonly id: string;
}

/** More are those of a node, not of a pod. */
const MAX_PROCESSES = 4096;
/** USER_HZ, by which `/proc/<pid>/stat` counts. */
const TICK = 1 / 100;

/**
 * The processes below a `/proc`, by container: all of the pod where its containers share their processes
 * (`shareProcessNamespace`), else those of the agent's own one. Kernel threads are left out.
 *
 * Sums of the time that processes have used would fall when one ends; what each had used when it was last seen stays in
 * the sum of its container. What it used after that, and what came and went between two readings, is not seen.
 */
export class Processes {
  readonly #proc: string;
  #last = new Map<string, OneProcess>();
  /** What the processes had used that are gone, by control group. */
  #gone = new Map<string, { userSeconds: number; systemSeconds: number }>();

  constructor(proc: string) {
    this.#proc = proc;
  }

  async read(): Promise<ProcessGroup[]> {
    const names = await readdir(this.#proc).catch(() => []);
    const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
    const now = new Map<string, OneProcess>();
    for (const pid of pids.sort((a, b) => a - b).slice(0, MAX_PROCESSES)) {
      const one = await readProcess(this.#proc, pid);
      if (one !== undefined) now.set(one.id, one);
    }
    for (const [id, { cgroup, userSeconds, systemSeconds }] of this.#last) {
      if (now.has(id)) continue;
      const gone = this.#gone.get(cgroup) ?? { userSeconds: 0, systemSeconds: 0 };
      gone.userSeconds += userSeconds;
      gone.systemSeconds += systemSeconds;
      this.#gone.set(cgroup, gone);
    }
    this.#last = now;
    const groups = this.#grouped(now.values());
    this.#gone = new Map([...this.#gone].filter(([cgroup]) => groups.some((group) => group.cgroup === cgroup)));
    return groups;
  }

  #grouped(processes: Iterable<OneProcess>): ProcessGroup[] {
    const groups = new Map<string, ProcessGroup>();
    for (const one of processes) {
      const before = groups.get(one.cgroup);
      groups.set(one.cgroup, before === undefined ? one : added(before, one));
    }
    return Array.from(groups.values(), (group) => {
      const { userSeconds = 0, systemSeconds = 0 } = this.#gone.get(group.cgroup) ?? {};
      return {
        ...group,
        userSeconds: group.userSeconds + userSeconds,
        systemSeconds: group.systemSeconds + systemSeconds,
      };
    });
  }
}

function added(group: ProcessGroup, one: ProcessGroup): ProcessGroup {
  return {
    ...group,
    processes: group.processes + 1,
    threads: group.threads + one.threads,
    userSeconds: group.userSeconds + one.userSeconds,
    systemSeconds: group.systemSeconds + one.systemSeconds,
    rssBytes: group.rssBytes + one.rssBytes,
  };
}

/** Undefined: it has ended by now, or is a thread of the kernel. */
async function readProcess(proc: string, pid: number): Promise<OneProcess | undefined> {
  const folder = join(proc, String(pid));
  const [stat, status, cgroupText] = await Promise.all(
    ['stat', 'status', 'cgroup'].map((name) => readText(join(folder, name))),
  );
  const [, rssKib] = /^VmRSS:\s*(\d+) kB$/m.exec(status ?? '') ?? [];
  if (stat === undefined || rssKib === undefined) return undefined;
  const cgroup = cgroupOf(cgroupText ?? '');
  // The name stands in brackets and may hold any character; the fields behind it, from the third on, are numbers.
  const nameEnd = stat.lastIndexOf(')');
  const fields = stat.slice(nameEnd + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3] ?? 0);
  return {
    id: `${pid} ${fields[22 - 3]}`,
    cgroup,
    containerId: /[0-9a-f]{64}/.exec(cgroup)?.[0],
    executable: stat.slice(stat.indexOf('(') + 1, nameEnd),
    pid,
    processes: 1,
    threads: field(20),
    userSeconds: field(14) * TICK,
    systemSeconds: field(15) * TICK,
    rssBytes: 1024 * Number(rssKib),
    startSeconds: field(22) * TICK,
  };
}

/** The path of version 2 (`0::/…`); where that is the root, as in mixed systems, the longest one of version 1. */
export function cgroupOf(text: string): string {
  const paths = text.split('\n').map((line) => line.split(':').slice(2).join(':'));
  return paths.sort((a, b) => b.length - a.length)[0] ?? '';
}
