import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { DecodedLogRecord, DecodedLogs } from '../../codec/otlp/decode-logs.ts';
import type { Clock } from '../../core/clock.ts';
import { describeRecord } from './describe-record.ts';
import { LineTally } from './line-tally.ts';
import type { BackendMessage, BackendOrder, Received } from './messages.ts';
import { createOtlpReceiver } from './otlp-receiver.ts';
import type { ParentLink } from './parent-link.ts';

/** How many records are shown, each of another severity. */
const SAMPLES = 3;

/**
 * The backend of the demo: decodes what the agent sends, and counts each line of the application once. Resolves when the
 * parent is gone. It is the last process to live, so it cleans up behind a demo that was killed: ends the agent, which
 * knows nothing of the demo, and removes the folder.
 */
export async function runBackend(parent: ParentLink<BackendOrder, BackendMessage>, clock: Clock): Promise<void> {
  const reception = new Reception(clock, (text) => parent.tell({ kind: 'sample', text }));
  const server = createOtlpReceiver((logs, bytes) => reception.add(logs, bytes));
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    parent.tell({ kind: 'listening', endpoint: `http://127.0.0.1:${port}` });
  });
  let guarded: Extract<BackendOrder, { kind: 'guard' }> | undefined;
  parent.onOrder((order) => {
    if (order.kind === 'guard') guarded = order;
    else parent.tell({ kind: 'report', received: reception.received() });
  });

  await clock.sleep(Number.POSITIVE_INFINITY, parent.closed);
  server.close();
  server.closeAllConnections();
  if (guarded === undefined) return;
  endProcess(guarded.agentPid);
  await rm(guarded.folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Counts what arrives. */
class Reception {
  readonly #clock: Clock;
  readonly #onSample: (text: string) => void;
  readonly #tally = new LineTally();
  readonly #sampledSeverities = new Set<number>();
  #foreign = 0;
  #requests = 0;
  #bytes = 0;
  #delayMs = 0;

  constructor(clock: Clock, onSample: (text: string) => void) {
    this.#clock = clock;
    this.#onSample = onSample;
  }

  add({ resourceLogs }: DecodedLogs, bytes: number): void {
    this.#requests++;
    this.#bytes += bytes;
    this.#delayMs = 0;
    for (const { resource, scopeLogs } of resourceLogs) {
      for (const { logRecords } of scopeLogs) {
        for (const record of logRecords) {
          this.#count(record);
          if (this.#sampledSeverities.size === SAMPLES || this.#sampledSeverities.has(record.severityNumber)) continue;
          this.#sampledSeverities.add(record.severityNumber);
          this.#onSample(describeRecord(record, resource.attributes));
        }
      }
    }
  }

  received(): Received {
    const { distinct, repeats } = this.#tally;
    return {
      distinct,
      repeats,
      foreign: this.#foreign,
      requests: this.#requests,
      bytes: this.#bytes,
      delayMs: this.#delayMs,
    };
  }

  #count(record: DecodedLogRecord): void {
    const line = record.attributes.get('line');
    if (typeof line !== 'bigint' || !this.#tally.add(Number(line))) this.#foreign++;
    const delayMs = this.#clock.unixMs() - Number(record.timeUnixNano / 1_000_000n);
    this.#delayMs = Math.max(this.#delayMs, delayMs);
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
