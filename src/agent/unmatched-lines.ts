import type { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';
import { patternOf } from '../detect/cluster-pattern.ts';
import { LineClusters, templateOf } from '../detect/line-clusters.ts';
import type { Counter, Metrics } from '../telemetry/metrics.ts';
import type { UnmatchedTaker } from './shared.ts';

/** Lines that a stage could not read, those that are alike together. */
export interface UnmatchedReport {
  /** As in metrics: `logs/1`. */
  readonly stage: string;
  readonly label: string;
  readonly records: number;
  /** Of how many of them the lines were looked at. */
  readonly sampled: number;
  readonly kinds: readonly {
    /** Its label in the metric; one of the first kinds. */
    readonly kind?: string;
    readonly lines: number;
    /** `WARN <*> pool <*> exhausted` */
    readonly template: string;
    readonly example: string;
    /** What the stage `pattern` would read them with. */
    readonly pattern?: string;
  }[];
}

/** What is looked at of one batch: grouping a line takes microseconds, and a wrong format fails every one. */
const MAX_LINES_PER_BATCH = 20;
const MAX_KINDS_SHOWN = 20;
const MAX_LINE_BYTES = 1000;
/** Kinds of a stage that have a series of their own in the metric; the others share one. */
const MAX_COUNTED_KINDS = 20;
const OTHER_KINDS = 'other';

interface Seen {
  readonly label: string;
  readonly clusters: LineClusters;
  /** By the number of the kind; first the one of all others. */
  readonly counters: Counter[];
  records: number;
  sampled: number;
}

/** What is looked at of the failures of a batch. */
export interface UnmatchedSample {
  readonly records: number;
  readonly lines: readonly string[];
}

/** Takes it, while the batch holds them. */
export function sampleOf(batch: RecordBatch): UnmatchedSample {
  const looked = batch.failures.slice(0, MAX_LINES_PER_BATCH);
  const lines = looked
    .filter(({ record }) => batch.bodyType[record] === ValueType.String)
    .map(({ record }) => {
      const start = batch.bodyStart[record]!;
      return batch.text(start, Math.min(batch.bodyEnd[record]!, start + MAX_LINE_BYTES));
    });
  return { records: batch.failures.length, lines };
}

/** Keeps what the lines look like that stages could not read, in bounded memory. */
export class UnmatchedLines implements UnmatchedTaker {
  readonly #byStage = new Map<string, Seen>();
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  add(stage: string, label: string, batch: RecordBatch): void {
    this.take({ stage, label, ...sampleOf(batch) });
  }

  /** The same with what was taken of a batch elsewhere. */
  take({ stage, label, records, lines }: UnmatchedSample & { readonly stage: string; readonly label: string }): void {
    let seen = this.#byStage.get(stage);
    if (seen === undefined) {
      this.#byStage.set(stage, (seen = { label, clusters: new LineClusters(), counters: [], records: 0, sampled: 0 }));
    }
    seen.records += records;
    for (const line of lines) {
      const kind = seen.clusters.add(line);
      this.#counterOf(stage, seen, kind).add(1);
      seen.sampled++;
    }
  }

  /** A label holds the number of a kind, never its text: that comes out of records. */
  #counterOf(stage: string, { counters }: Seen, number: number): Counter {
    const counted = number > MAX_COUNTED_KINDS ? 0 : number;
    const kind = counted === 0 ? OTHER_KINDS : String(counted);
    return (counters[counted] ??= this.#metrics.counter('pillion_unmatched_lines_total', { stage, kind }));
  }

  /** The stages with failures, and the most frequent kinds of lines of each. */
  report(): UnmatchedReport[] {
    return Array.from(this.#byStage, ([stage, { label, clusters, records, sampled }]) => ({
      ...{ stage, label, records, sampled },
      kinds: clusters
        .list()
        .slice(0, MAX_KINDS_SHOWN)
        .map((cluster) => {
          const pattern = patternOf(cluster);
          const { number, count: lines, example } = cluster;
          const kind = number <= MAX_COUNTED_KINDS ? { kind: String(number) } : {};
          return { ...kind, lines, template: templateOf(cluster), example, ...(pattern !== undefined && { pattern }) };
        }),
    }));
  }
}
