import type { QueueReports } from '../../src/queue/queue-reports.ts';

/** Keeps what a queue reports. */
export class QueueLog implements QueueReports {
  readonly lines: string[] = [];
  readonly counts = { failures: 0, corrupt: 0 };
  readonly log = {
    info: (_fields: object, message: string) => void this.lines.push(`info ${message}`),
    warn: (_fields: object, message: string) => void this.lines.push(`warn ${message}`),
    error: (_fields: object, message: string) => void this.lines.push(`error ${message}`),
  };
  readonly failures = { add: (amount: number) => void (this.counts.failures += amount) };
  readonly corrupt = { add: (amount: number) => void (this.counts.corrupt += amount) };
}
