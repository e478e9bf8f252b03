import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** How much memory the container uses, at one moment. */
export interface MemoryUse {
  readonly limitBytes: number;
  /** What cannot be taken back: all that is counted, but for the cache of files. */
  readonly usedBytes: number;
  /** How much of the last ten seconds something waited for memory, in percent; 0 where the system does not say. */
  readonly stalledPercent: number;
}

/** A kernel without a limit says "max", or the largest number of pages that it knows. */
const NO_LIMIT_BYTES = 2 ** 60;

/** What the versions of control groups call their files and numbers. */
const VERSIONS = [
  { line: /^0::(.*)$/m, root: '', limit: 'memory.max', used: 'memory.current', total: '' },
  {
    line: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m,
    root: 'memory',
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    total: 'total_',
  },
] as const;

type Version = (typeof VERSIONS)[number];

/** The longest of these files is some kilobytes. */
const MAX_FILE_BYTES = 16 * 1024;

/**
 * The memory of the control group that the process runs in, versions 1 and 2. Looking is synchronous and takes some
 * 50 µs: the files are of the kernel's memory and stay open.
 */
export class CgroupMemory {
  readonly limitBytes: number;
  readonly #files: { readonly used: number; readonly stat: number; readonly pressure: number | undefined };
  readonly #cache: RegExp;
  readonly #buffer = Buffer.allocUnsafeSlow(MAX_FILE_BYTES);

  private constructor(folder: string, { used, total }: Version, limitBytes: number) {
    this.limitBytes = limitBytes;
    this.#files = {
      used: openSync(join(folder, used), 'r'),
      stat: openSync(join(folder, 'memory.stat'), 'r'),
      pressure: openIfThere(join(folder, 'memory.pressure')),
    };
    this.#cache = new RegExp(`^${total}(?:in)?active_file (\\d+)$`, 'gm');
  }

  /** Finds the group; undefined: there is none that can be read, or it has no limit. `root`: for tests. */
  static find(root = '/'): CgroupMemory | undefined {
    try {
      const groups = readFileSync(join(root, 'proc/self/cgroup'), 'utf8');
      for (const version of VERSIONS) {
        const path = version.line.exec(groups)?.[1];
        if (path === undefined) continue;
        const mount = join(root, 'sys/fs/cgroup', version.root);
        // In a container the path may be that of the host; what is mounted there is the container's own group.
        for (const folder of [join(mount, path), mount]) {
          const limitBytes = readLimit(join(folder, version.limit));
          if (limitBytes !== undefined) return new CgroupMemory(folder, version, limitBytes);
        }
      }
    } catch {
      // No such system, or not for us to see.
    }
    return undefined;
  }

  /** Looks how things are. Throws when the group is gone. */
  read(): MemoryUse {
    const all = Number(this.#text(this.#files.used));
    let cached = 0;
    for (const [, bytes] of this.#text(this.#files.stat).matchAll(this.#cache)) cached += Number(bytes);
    const { pressure } = this.#files;
    const stalled = pressure === undefined ? undefined : /^some avg10=([\d.]+)/.exec(this.#text(pressure))?.[1];
    return {
      limitBytes: this.limitBytes,
      usedBytes: Math.max(0, all - cached),
      stalledPercent: Number(stalled ?? 0),
    };
  }

  /** Closes its files. */
  close(): void {
    const { used, stat, pressure } = this.#files;
    for (const file of [used, stat, pressure]) if (file !== undefined) closeSync(file);
  }

  #text(file: number): string {
    const length = readSync(file, this.#buffer, 0, MAX_FILE_BYTES, 0);
    return this.#buffer.toString('latin1', 0, length);
  }
}

/** Undefined: the file is not there, or says that there is no limit. */
function readLimit(file: string): number | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    const bytes = Number(text);
    return text !== 'max' && bytes < NO_LIMIT_BYTES ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch {
    return undefined;
  }
}
