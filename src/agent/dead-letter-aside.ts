import { LogsJsonRequestEncoder } from '../codec/otlp/logs-json-request.ts';
import type { Lease } from '../core/lease.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { DeadLetter, DeadRecord } from '../delivery/dead-letter.ts';
import type { Aside } from '../pipeline/pipeline.ts';

/** Sets records that stages could not read aside in a dead-letter file, as OTLP/JSON requests of one record each. */
export class DeadLetterAside implements Aside {
  readonly #deadLetter: DeadLetter;
  readonly #encoder: LogsJsonRequestEncoder;
  /** What was added since the last `write()`, by the reason. */
  #added = new Map<string, DeadRecord[]>();

  constructor(deadLetter: DeadLetter, scope: { readonly scopeName: string; readonly scopeVersion: string }) {
    this.#deadLetter = deadLetter;
    this.#encoder = new LogsJsonRequestEncoder(scope, 4096);
  }

  add(batch: RecordBatch, record: number, reason: string): void {
    const encoder = this.#encoder;
    encoder.append(batch, record);
    const body = Buffer.from(encoder.body(0, 1));
    encoder.clear();
    const records = this.#added.get(reason) ?? [];
    records.push({ stream: batch.stream.name, body });
    this.#added.set(reason, records);
  }

  write(lease: Lease): void {
    if (this.#added.size === 0) return;
    const added = this.#added;
    this.#added = new Map();
    // It must be in the file before the checkpoint says that it need not be read again.
    lease.retain();
    void this.#writeAll(added).then(() => lease.settle('dropped'));
  }

  async #writeAll(added: ReadonlyMap<string, readonly DeadRecord[]>): Promise<void> {
    for (const [reason, records] of added) await this.#deadLetter.setAside(records, 'on_error', new Error(reason));
  }
}
