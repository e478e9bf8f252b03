import type { ExpositionFormat } from '../exposition-format.ts';
import type { EscapingScheme } from '../names.ts';
import type { PrometheusFamily } from '../prometheus-family.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { TextWriter, type WriteOptions } from './text-writer.ts';

/** Writes families in any format that a scrape may ask for. What it keeps of labels it keeps for each escaping scheme. */
export class ExpositionWriter {
  readonly #options: WriteOptions;
  readonly #texts = new Map<EscapingScheme, TextWriter>();
  readonly #protobufs = new Map<EscapingScheme, ProtobufWriter>();

  constructor(options: WriteOptions) {
    this.#options = options;
  }

  /** The exposition; the caller's. Never throws. */
  write(families: readonly PrometheusFamily[], { kind, escaping }: ExpositionFormat): Buffer {
    if (kind === 'protobuf') {
      let writer = this.#protobufs.get(escaping);
      if (writer === undefined) this.#protobufs.set(escaping, (writer = new ProtobufWriter(escaping)));
      return writer.write(families, this.#options);
    }
    let writer = this.#texts.get(escaping);
    if (writer === undefined) this.#texts.set(escaping, (writer = new TextWriter(escaping)));
    return writer.write(families, kind === 'openmetrics', this.#options);
  }
}
