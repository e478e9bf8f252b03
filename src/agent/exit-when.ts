import { access } from 'node:fs/promises';
import type { ExitWhen } from '../config/agent-config.ts';
import type { Clock } from '../core/clock.ts';
import type { CheckpointSection } from '../core/contracts.ts';
import { hasProcess, processNamespace } from './pod-processes.ts';

/** What `untilSilent()` needs. */
export interface SilenceContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A number that changes whenever something was written or read. */
  readonly progress: () => number;
}

/** What `untilExit()` needs. */
export interface ExitContext extends SilenceContext {
  /** Remembers that the process was seen, for an agent that is started anew in the same pod. */
  readonly section: CheckpointSection;
  /** Is told when the process is seen for the first time. */
  readonly onSeen: (name: string) => void;
  /** Is told once when it was not seen for a while. */
  readonly onMissed: (name: string) => void;
}

const LOOK_INTERVAL_MS = 250;
const SILENCE_INTERVAL_MS = 50;
/** A process that has not begun by then may have ended before anybody looked: somebody should know. */
const MISSED_AFTER_MS = 30_000;

/**
 * Resolves with the reason once the agent should end, or with undefined when `signal` aborts first.
 */
export async function untilExit(
  { file, idleMs, processGone, processWaitMs }: ExitWhen,
  context: ExitContext,
): Promise<string | undefined> {
  const { clock, signal } = context;
  const waited = processGone === undefined ? undefined : new WaitedFor(processGone, processWaitMs, context);
  await waited?.remember();
  const silence = new Silence(context);
  while (!signal.aborted) {
    if (file !== undefined && (await isThere(file))) return `the file ${JSON.stringify(file)} is there`;
    const reason = await waited?.look();
    if (reason !== undefined) return reason;
    if (silence.ms() >= (idleMs ?? Number.POSITIVE_INFINITY)) return `nothing was written for ${idleMs} ms`;
    await clock.sleep(LOOK_INTERVAL_MS, signal);
  }
  return undefined;
}

/** Resolves when nothing was written or read for `ms` milliseconds from now on, or when `signal` aborts. */
export async function untilSilent(ms: number, context: SilenceContext): Promise<void> {
  const silence = new Silence(context);
  while (!context.signal.aborted && silence.ms() < ms) await context.clock.sleep(SILENCE_INTERVAL_MS, context.signal);
}

/** For how long nothing has happened. */
class Silence {
  readonly #context: SilenceContext;
  #last: number;
  #sinceMs: number;

  constructor(context: SilenceContext) {
    this.#context = context;
    this.#last = context.progress();
    this.#sinceMs = context.clock.nowMs();
  }

  /** In milliseconds, as far as it was asked. */
  ms(): number {
    const { clock, progress } = this.#context;
    const nowMs = clock.nowMs();
    const now = progress();
    if (now !== this.#last) this.#sinceMs = nowMs;
    this.#last = now;
    return nowMs - this.#sinceMs;
  }
}

/** A process that has to be seen before it can be gone. */
class WaitedFor {
  readonly #name: string;
  readonly #waitMs: number | undefined;
  readonly #context: ExitContext;
  readonly #startMs: number;
  #namespace: string | undefined;
  /** By this life or one before it. */
  #wasThere = false;
  #isSeen = false;
  #isMissed = false;

  constructor(name: string, waitMs: number | undefined, context: ExitContext) {
    this.#name = name;
    this.#waitMs = waitMs;
    this.#context = context;
    this.#startMs = context.clock.nowMs();
  }

  /** Takes note of what an agent before it, in the same pod, has seen. */
  async remember(): Promise<void> {
    const { section } = this.#context;
    this.#namespace = await processNamespace();
    const { name, namespace } = (section.restored ?? {}) as Record<string, unknown>;
    this.#wasThere = this.#namespace !== undefined && name === this.#name && namespace === this.#namespace;
    section.provide(() => (this.#wasThere ? { name: this.#name, namespace: this.#namespace } : {}));
  }

  /** The reason to end, if there is one. */
  async look(): Promise<string | undefined> {
    const { clock, section, onSeen, onMissed } = this.#context;
    const name = JSON.stringify(this.#name);
    const isRunning = await hasProcess(this.#name);
    if (isRunning) {
      if (!this.#isSeen) onSeen(this.#name);
      this.#isSeen = true;
      if (!this.#wasThere) section.touch();
      this.#wasThere = true;
      return undefined;
    }
    if (this.#wasThere) return `the process ${name} is gone`;
    const missedMs = clock.nowMs() - this.#startMs;
    if (missedMs >= (this.#waitMs ?? Number.POSITIVE_INFINITY)) {
      return `the process ${name} was not there for ${this.#waitMs} ms`;
    }
    if (missedMs >= MISSED_AFTER_MS && !this.#isMissed) onMissed(this.#name);
    this.#isMissed ||= missedMs >= MISSED_AFTER_MS;
    return undefined;
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
