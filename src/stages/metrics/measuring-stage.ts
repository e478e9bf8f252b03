import type { StageContext } from '../../component/definition.ts';
import { Scale } from '../../component/scale.ts';
import type { Stage } from '../../core/contracts.ts';
import type { Instrument, InstrumentSpec, ValueReader } from '../../core/instruments.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { valueReader } from './metric-options.ts';
import { numberValue } from './number-value.ts';

/** What is measured of a record. */
export interface Measured {
  /** The expression of the value; undefined: each record counts as 1. */
  readonly value?: string | undefined;
  /** What the value is multiplied with. */
  readonly scale: number;
  /** The expressions of the labels, by name. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Makes a stage that counts records in one metric. It changes nothing of them. */
export function measuringStage(spec: InstrumentSpec, measured: Measured, context: StageContext): Stage {
  const { instruments, keys } = context;
  if (!instruments.isWatched) return { process: () => {} };
  const readers = spec.labels.map((label) => valueReader(measured.labels[label]!, keys));
  const instrument = instruments.open(spec, readers);
  if (measured.value === undefined) return new CountingStage(instrument);
  const value = valueReader(measured.value, keys);
  return new MeasuringStage(instrument, value, measured.scale, spec.type === 'counter');
}

class CountingStage implements Stage {
  readonly #instrument: Instrument;

  constructor(instrument: Instrument) {
    this.#instrument = instrument;
  }

  process(batch: RecordBatch): void {
    const instrument = this.#instrument;
    for (let record = 0; record < batch.count; record++) {
      if (batch.isLive(record)) instrument.record(batch, record, 1);
    }
  }
}

class MeasuringStage implements Stage {
  readonly #instrument: Instrument;
  readonly #value: ValueReader;
  readonly #scale: Scale;
  readonly #isCounter: boolean;

  constructor(instrument: Instrument, value: ValueReader, scale: number, isCounter: boolean) {
    this.#instrument = instrument;
    this.#value = value;
    this.#scale = new Scale(scale);
    this.#isCounter = isCounter;
  }

  process(batch: RecordBatch): void {
    const reader = this.#value;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      const used = batch.byteLength;
      reader.locate(batch, record);
      if (reader.type === ValueType.Empty) continue;
      const value = this.#scale.of(numberValue(batch, reader));
      batch.byteLength = used;
      if (!Number.isFinite(value)) batch.fail(record, 'the value is no number');
      else if (this.#isCounter && value < 0) batch.fail(record, 'the value is below 0');
      else this.#instrument.record(batch, record, value);
    }
  }
}
