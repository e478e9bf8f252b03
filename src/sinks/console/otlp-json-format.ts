import { LogsJsonRequestEncoder } from '../../codec/otlp/logs-json-request.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import type { RecordFormat } from './format.ts';

/**
 * Records as the OTLP file exporter writes them: a LogsData object a line, here one for each batch
 * (opentelemetry-specification, protocol/file-exporter.md).
 */
export class OtlpJsonFormat implements RecordFormat {
  readonly #encoder: LogsJsonRequestEncoder;

  constructor(scope: { scopeName: string; scopeVersion: string }) {
    this.#encoder = new LogsJsonRequestEncoder(scope);
  }

  render(batch: RecordBatch): string {
    const encoder = this.#encoder;
    encoder.clear();
    for (let record = 0; record < batch.count; record++) if (batch.isLive(record)) encoder.append(batch, record);
    const { buffer, byteOffset, byteLength } = encoder.body(0, encoder.recordCount);
    return `${Buffer.from(buffer, byteOffset, byteLength).toString()}\n`;
  }
}
