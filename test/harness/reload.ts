import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReloadResult } from '../../src/agent/reload-report.ts';
import { adminOf } from './admin.ts';
import type { PillionProcess } from './agent-process.ts';
import type { Cleanup } from './cleanup.ts';
import type { NumberedLog } from './numbered-log.ts';

/** Puts a configuration in the place of `pillion.yaml`, at once; a text as it is. */
export function putConfig(folder: string, config: object | string): void {
  const next = join(folder, 'next.yaml');
  writeFileSync(next, typeof config === 'string' ? config : JSON.stringify(config));
  renameSync(next, join(folder, 'pillion.yaml'));
}

/** Has the agent reload; resolves with the status and what it answers. */
export async function reload(agent: PillionProcess): Promise<{ status: number; answer: ReloadResult }> {
  const response = await fetch(`http://${await adminOf(agent)}/-/reload`, { method: 'POST' });
  return { status: response.status, answer: (await response.json()) as ReloadResult };
}

/** An application that writes a few lines every few milliseconds, and rotates now and then, until it is stopped. */
export class BusyLog {
  readonly #log: NumberedLog;
  readonly #writing: Promise<void>;
  #isStopped = false;

  /** `linesPerFile`: how many lines a file gets until it is renamed; 0: it is not. */
  constructor(t: Cleanup, log: NumberedLog, { linesPerFile = 0 } = {}) {
    this.#log = log;
    this.#writing = this.#write(linesPerFile);
    t.after(() => this.stop());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#writing;
  }

  async #write(linesPerFile: number): Promise<void> {
    for (let inFile = 0; !this.#isStopped; await new Promise((resolve) => setTimeout(resolve, 3))) {
      this.#log.write(10);
      inFile += 10;
      if (linesPerFile === 0 || inFile < linesPerFile) continue;
      this.#log.rotate();
      inFile = 0;
    }
  }
}
