/** Where a queue says what happens; a pino logger and the agent's own counters fit. */
export interface QueueReports {
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** Writes that failed. */
  readonly failures: { add(amount: number): void };
  /** Bytes that cannot be read because something is damaged. */
  readonly corrupt: { add(amount: number): void };
}

/** What is said of damage. */
export const DAMAGED = 'A part of the queue cannot be read; it is counted as gone.';
