import type { Writable } from 'node:stream';

/** What a command may use of its process. */
export interface CommandContext {
  /** Aborts at the first SIGTERM or SIGINT: end in order. */
  readonly drain: AbortSignal;
  /** Aborts at the second: end now. */
  readonly stop: AbortSignal;
  /** Calls `listener` at each SIGHUP, which ends the process where nobody listens. Returns what ends that. */
  onHangup(listener: () => void): () => void;
  /** Runs what must not hold up a signal: until it resolves, the first one ends the process. */
  whileStarting<Started>(start: () => Promise<Started>): Promise<Started>;
  /** Spends memory on speed from now on: for who has much to read. */
  runAtFullSpeed(): void;
  /** Lets the memory for young objects grow no more: that of a steady load has its size by now. */
  endGrowth(): void;
  /** Gives back what memory it can, and takes less from now on. Takes tens of milliseconds. */
  saveMemory(): void;
  /** How a thread of this program is started. */
  readonly thread: { readonly program: string; readonly argv: readonly string[] };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Exit codes, as `docs/reference/cli.md` has them. */
export const EXIT = {
  ok: 0,
  /** Something was not delivered, or a component failed. */
  failed: 1,
  /** The command line or the configuration is wrong; nothing was started. */
  usage: 2,
} as const;
