import { type ExpositionFormat, negotiateFormat } from '../../codec/prometheus/exposition-format.ts';
import type { Conflict } from '../../codec/prometheus/merged-families.ts';
import { PrometheusTranslation, type TranslationOptions } from '../../codec/prometheus/translation.ts';
import { ExpositionWriter } from '../../codec/prometheus/write/exposition-writer.ts';
import type { WriteOptions } from '../../codec/prometheus/write/text-writer.ts';
import type { MetricProducer } from '../../core/metric.ts';
import type { Logger } from '../../telemetry/logger.ts';

interface ExpositionOptions {
  readonly sink: string;
  readonly translation: TranslationOptions;
  readonly writing: WriteOptions;
  readonly logger: Logger;
}

/** More metrics than anybody reads about. */
const MAX_SAID = 1000;

/** Why a series is not shown; the words are those of the metric about it. */
export const LEFT_OUT_REASONS = ['type', 'name', 'series'] as const;

const CAUSES: Record<Conflict['kind'], string> = {
  type: 'another metric of that name has another type',
  name: 'its samples would have the names of another metric',
  series: 'another one with the same labels is there already',
  description: 'another metric of that name has another description, which is kept',
};

/** What producers have now, as one exposition. */
export class Exposition {
  readonly #options: ExpositionOptions;
  readonly #producers = new Set<MetricProducer>();
  readonly #translation: PrometheusTranslation;
  readonly #writer: ExpositionWriter;
  readonly #said = new Set<string>();
  #leftOut: Partial<Record<Conflict['kind'], number>> = {};

  constructor(options: ExpositionOptions) {
    this.#options = options;
    this.#translation = new PrometheusTranslation({ ...options.translation, columns: true });
    this.#writer = new ExpositionWriter(options.writing);
  }

  /** Shows what `producer` has from now on; returns what ends that. */
  add(producer: MetricProducer): () => void {
    this.#producers.add(producer);
    return () => void this.#producers.delete(producer);
  }

  /** What is there now, in the format that an `accept` header asks for. The bytes are the caller's. */
  render(accept: string | undefined): { readonly format: ExpositionFormat; readonly bytes: Buffer } {
    const format = negotiateFormat(accept);
    this.#leftOut = {};
    const sets = [...this.#producers].flatMap((producer) => producer.collect());
    const families = this.#translation.families(sets, (conflict) => this.#learn(conflict));
    return { format, bytes: this.#writer.write(families, format) };
  }

  /** Series that the last exposition had to leave out for that reason. */
  leftOut(reason: Conflict['kind']): number {
    return this.#leftOut[reason] ?? 0;
  }

  #learn({ kind, name, series }: Conflict): void {
    this.#leftOut[kind] = (this.#leftOut[kind] ?? 0) + series;
    const key = `${kind} ${name}`;
    if (this.#said.has(key) || this.#said.size >= MAX_SAID) return;
    this.#said.add(key);
    const { logger, sink } = this.#options;
    const what =
      kind === 'description' ? 'The description of a metric is not shown' : 'A metric is not shown as a whole';
    logger.warn({ sink, metric: name, series }, `${what}: ${CAUSES[kind]}.`);
  }
}
