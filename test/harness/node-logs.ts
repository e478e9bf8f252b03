import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A container whose log a runtime writes and the kubelet rotates. */
export interface LoggedContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
}

/** How many files of a container the kubelet keeps: `containerLogMaxFiles`. */
const MAX_FILES = 5;

/** `/var/log/pods` of a node, in a folder: logs in the form of CRI, rotated in the order in which the kubelet does it. */
export class NodeLogs {
  readonly root: string;
  #rotations = 0;

  constructor(root: string) {
    this.root = root;
  }

  /** The log of a container that was started anew so often. */
  pathOf({ namespace, pod, uid, container }: LoggedContainer, restarts = 0): string {
    return join(this.root, `${namespace}_${pod}_${uid}`, container, `${restarts}.log`);
  }

  /** Writes lines as containerd does. */
  write(container: LoggedContainer, lines: readonly string[], restarts = 0): void {
    const path = this.pathOf(container, restarts);
    if (!existsSync(path)) mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, linesOfCri(lines));
  }

  /**
   * Rotates a log: removes leftovers, deletes the oldest, compresses what was rotated before, renames the log. `late` is
   * what the runtime still writes into the renamed file; it makes a new one with its next line.
   */
  rotate(container: LoggedContainer, restarts = 0, late: readonly string[] = []): void {
    const path = this.pathOf(container, restarts);
    const folder = dirname(path);
    if (!existsSync(path)) return;
    const rotated = (): string[] => readdirSync(folder).filter((name) => name.startsWith(`${restarts}.log.`));
    for (const name of rotated()) {
      const isLeftover = name.endsWith('.tmp') || (!name.endsWith('.gz') && existsSync(join(folder, `${name}.gz`)));
      if (isLeftover) rmSync(join(folder, name));
    }
    for (const name of rotated()
      .sort()
      .slice(0, -(MAX_FILES - 2)))
      rmSync(join(folder, name));
    for (const name of rotated().filter((name) => !name.endsWith('.gz'))) {
      const plain = join(folder, name);
      writeFileSync(`${plain}.tmp`, gzipSync(readFileSync(plain)));
      renameSync(`${plain}.tmp`, `${plain}.gz`);
      rmSync(plain);
    }
    const renamed = `${path}.${this.#stamp()}`;
    renameSync(path, renamed);
    if (late.length > 0) appendFileSync(renamed, linesOfCri(late));
  }

  /** The pod is deleted, and its logs with it. */
  remove({ namespace, pod, uid }: LoggedContainer): void {
    rmSync(join(this.root, `${namespace}_${pod}_${uid}`), { recursive: true, force: true });
  }

  /** Later than every other one: two rotations within a second would get the same name. */
  #stamp(): string {
    const time = new Date(Date.UTC(2026, 10, 30) + 1000 * this.#rotations++).toISOString();
    return `${time.slice(0, 10).replaceAll('-', '')}-${time.slice(11, 19).replaceAll(':', '')}`;
  }
}

function linesOfCri(lines: readonly string[]): string {
  const time = new Date().toISOString().replace('Z', '000000Z');
  return lines.map((line) => `${time} stdout F ${line}\n`).join('');
}
