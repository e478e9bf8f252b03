import { ProtobufWriter } from '../../bytes/protobuf-writer.ts';
import type { RequestBody } from '../request-body.ts';
import { encodeV1 } from './encode-v1.ts';
import { encodeV2 } from './encode-v2.ts';
import type { WriteSeries } from './write-series.ts';

/** Which message a receiver takes: `prometheus.WriteRequest` or `io.prometheus.write.v2.Request`. */
export type WriteVersion = 'v1' | 'v2';

/** Series of one request; encoded when it is sent, in the version that the receiver takes by then. */
export class WriteBody implements RequestBody {
  readonly #series: readonly WriteSeries[];
  readonly #version: () => WriteVersion;

  constructor(series: readonly WriteSeries[], version: () => WriteVersion) {
    this.#series = series;
    this.#version = version;
  }

  get recordCount(): number {
    return this.#series.length;
  }

  body(from: number, to: number): Uint8Array {
    const out = new ProtobufWriter(64 * (to - from));
    const encode = this.#version() === 'v2' ? encodeV2 : encodeV1;
    encode(out, this.#series.slice(from, to));
    return out.written();
  }
}
