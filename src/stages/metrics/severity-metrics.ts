import type { StageContext, StageDefinition } from '../../component/definition.ts';
import { type Infer, object } from '../../component/options.ts';
import { loadConditions } from '../../condition/library.ts';
import type { Stage } from '../../core/contracts.ts';
import { type Instrument, type InstrumentSpec, KnownSpan, type ValueReader } from '../../core/instruments.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { attributesOf, checkLabels, LABELS, LIMIT_OPTIONS, limitsOf, valueReader } from './metric-options.ts';

const SEVERITY = 'severity';

const options = object({ labels: LABELS, ...LIMIT_OPTIONS });

type Options = Infer<typeof options>;

/** The stage `severity_metrics`. */
export const severityMetricsStage: StageDefinition<Options> = {
  type: 'severity_metrics',
  summary:
    'Counts records by severity: the counter `log.records`, with the label `severity`, which is `TRACE`, `DEBUG`, ' +
    '`INFO`, `WARN`, `ERROR` or `FATAL`; `UNSPECIFIED` where a record has none.',
  options,
  example: {
    config: '- severity_metrics: { labels: [log.logger] }',
    input: '{"msg":"hi"}',
    output: '{"body":{"stringValue":"{\\"msg\\":\\"hi\\"}"},"attributes":[{"key":"msg","value":{"stringValue":"hi"}}]}',
  },
  load: loadConditions,
  measures: (options) => [specOf(options)],
  check: (options) => checkLabels(options.labels),
  looksAt: ({ labels }) => attributesOf(Object.values(labels)),
  build(options, context) {
    if (!context.instruments.isWatched) return { process: () => {} };
    const further = furtherLabels(options).map((label) => valueReader(options.labels[label]!, context.keys));
    return new SeverityMetricsStage(specOf(options), further, context);
  },
};

function specOf(given: Options): InstrumentSpec {
  return {
    name: 'log.records',
    type: 'counter',
    unit: '{record}',
    description: 'Log records by severity.',
    labels: [SEVERITY, ...furtherLabels(given)],
    limits: limitsOf(given),
  };
}

function furtherLabels({ labels }: Options): string[] {
  return Object.keys(labels).filter((name) => name !== SEVERITY);
}

const NAMES = ['UNSPECIFIED', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].map((name) => Buffer.from(name));
const ALL = Buffer.concat(NAMES);
/** Where each name begins in `ALL`, and where the last ends. */
const BEGINS = Array.from({ length: NAMES.length + 1 }, (_, i) => Buffer.concat(NAMES.slice(0, i)).length);

class SeverityMetricsStage implements Stage {
  readonly #severity = new KnownSpan();
  readonly #instrument: Instrument;

  constructor(spec: InstrumentSpec, further: readonly ValueReader[], { instruments }: StageContext) {
    this.#instrument = instruments.open(spec, [this.#severity, ...further]);
  }

  process(batch: RecordBatch): void {
    const instrument = this.#instrument;
    const severity = this.#severity;
    // Once a batch: its records have the names as spans of it.
    const used = batch.appendBytes(ALL, 0, ALL.length);
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      const range = (batch.severityNumber[record]! + 3) >> 2;
      severity.set(used + BEGINS[range]!, used + BEGINS[range + 1]!);
      instrument.record(batch, record, 1);
    }
    batch.byteLength = used;
  }
}
