import { access, readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ExitWhen } from '../config/agent-config.ts';
import type { Clock } from '../core/clock.ts';

/** What `untilExit()` needs. */
export interface ExitContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How much was read until now. */
  readonly readBytes: () => number;
  /** Is told when the process is seen for the first time. */
  readonly onSeen: (name: string) => void;
}

const LOOK_INTERVAL_MS = 250;

/**
 * Resolves with the reason once the agent should end, or with undefined when `signal` aborts first.
 */
export async function untilExit(
  { file, idleMs, processGone }: ExitWhen,
  { clock, signal, readBytes, onSeen }: ExitContext,
): Promise<string | undefined> {
  let lastBytes = readBytes();
  let lastReadMs = clock.nowMs();
  let wasThere = false;
  while (!signal.aborted) {
    if (file !== undefined && (await isThere(file))) return `the file ${JSON.stringify(file)} is there`;
    if (processGone !== undefined) {
      const isRunning = await hasProcess(processGone);
      if (wasThere && !isRunning) return `the process ${JSON.stringify(processGone)} is gone`;
      if (isRunning && !wasThere) onSeen(processGone);
      wasThere ||= isRunning;
    }
    const bytes = readBytes();
    if (bytes !== lastBytes) [lastBytes, lastReadMs] = [bytes, clock.nowMs()];
    else if (idleMs !== undefined && clock.nowMs() - lastReadMs >= idleMs) return `nothing was read for ${idleMs} ms`;
    await clock.sleep(LOOK_INTERVAL_MS, signal);
  }
  return undefined;
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}

/** Whether another process of that name runs, by the name of its program or of its command. */
async function hasProcess(name: string): Promise<boolean> {
  const entries = await readdir('/proc').catch(() => []);
  for (const pid of entries) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) continue;
    // Processes end while they are looked at.
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command === '') continue;
    const [program = ''] = command.split('\0');
    if (basename(program) === name) return true;
    const short = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (short.trimEnd() === name) return true;
  }
  return false;
}
