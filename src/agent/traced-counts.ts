import type { Instrument, InstrumentSpec, Instruments, ValueReader } from '../core/instruments.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { LabelSpans } from '../metrics/label-spans.ts';

/** Counts nothing, but writes down what would be counted, by record. */
export class TracedCounts implements Instruments {
  readonly isWatched = true;
  readonly #counts = new Map<number, string[]>();

  open(spec: InstrumentSpec, readers: readonly ValueReader[]): Instrument {
    const labels = new LabelSpans(readers, spec.limits.maxLabelBytes);
    return {
      record: (batch, record, value) => {
        const used = batch.byteLength;
        labels.locate(batch, record);
        const text = `${spec.name}{${labelsText(spec, labels, batch)}} ${valueText(spec, value)}`;
        batch.byteLength = used;
        const counts = this.#counts.get(record);
        if (counts === undefined) this.#counts.set(record, [text]);
        else counts.push(text);
      },
      recordAgain: () => false,
    };
  }

  /** What was counted of each record since the last call. */
  take(): ReadonlyMap<number, readonly string[]> {
    const taken = new Map(this.#counts);
    this.#counts.clear();
    return taken;
  }
}

function labelsText({ labels }: InstrumentSpec, { spans }: LabelSpans, batch: RecordBatch): string {
  const parts = labels.flatMap((name, label) => {
    const [start, end] = [spans[2 * label]!, spans[2 * label + 1]!];
    return start === end ? [] : [`${name}=${JSON.stringify(batch.text(start, end))}`];
  });
  return parts.join(',');
}

/** `+1` of a counter, `= 7` of a gauge, and `0.012` of a histogram, as a measurement of it. */
function valueText({ type }: InstrumentSpec, value: number): string {
  if (type === 'counter') return `+${value}`;
  return type === 'gauge' ? `= ${value}` : String(value);
}
