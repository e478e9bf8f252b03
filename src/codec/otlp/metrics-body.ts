import { ProtobufWriter } from '../../bytes/protobuf-writer.ts';
import type { RequestBody } from '../request-body.ts';
import { encodeMetrics } from './encode-metrics.ts';
import type { MetricEntry } from './metric-entries.ts';
import { metricsToJson } from './metrics-json.ts';

/** Points of one ExportMetricsServiceRequest; encoded when it is sent. */
export class MetricsBody implements RequestBody {
  readonly #entries: readonly MetricEntry[];
  readonly #encoding: 'protobuf' | 'json';

  constructor(entries: readonly MetricEntry[], encoding: 'protobuf' | 'json') {
    this.#entries = entries;
    this.#encoding = encoding;
  }

  get recordCount(): number {
    return this.#entries.length;
  }

  body(from: number, to: number): Uint8Array {
    const entries = this.#entries.slice(from, to);
    if (this.#encoding === 'json') return Buffer.from(metricsToJson(entries));
    const out = new ProtobufWriter(128 * entries.length);
    encodeMetrics(out, entries);
    return out.written();
  }
}
