import type { StageDefinition } from '../component/definition.ts';
import { text } from '../component/options.ts';
import { parseCondition } from '../condition/condition.ts';
import { loadConditions } from '../condition/library.ts';
import { type Judge, Verdict } from '../condition/verdict.ts';
import type { Stage } from '../core/contracts.ts';
import { ConfigError } from '../core/errors.ts';
import type { RecordBatch } from '../core/record-batch.ts';

const options = text({
  doc:
    'The condition, in CEL, that records must meet to go on. It knows `severity` (a number; `TRACE DEBUG INFO WARN ' +
    'ERROR FATAL` are numbers, too), `severity_text`, `body`, `attributes`, `resource`, `time`, `trace_id`, `span_id` and ' +
    '`stream` (the path of the file). An attribute that is not there is null.',
  example: '\'severity >= INFO && attributes["http.route"] != "/healthz"\'',
});

/** The stage `filter`. */
export const filterStage: StageDefinition<string> = {
  type: 'filter',
  summary:
    'Drops the records that do not meet a condition. A record for which it can be neither true nor false, such as one ' +
    'whose `attributes.status >= 500` compares text with a number, or nothing with it, counts as not read: it goes on, ' +
    'marked, or is what `on_error` says.',
  options,
  example: {
    config: '- filter: attributes.status >= 500',
    input: '{"status":503,"path":"/"}',
    output:
      '{"body":{"stringValue":"{\\"status\\":503,\\"path\\":\\"/\\"}"},"attributes":[' +
      '{"key":"status","value":{"intValue":"503"}},{"key":"path","value":{"stringValue":"/"}}]}',
  },
  load: loadConditions,
  check(condition) {
    const parsed = parseCondition(condition);
    return parsed instanceof ConfigError ? [parsed] : [];
  },
  looksAt(condition) {
    const parsed = parseCondition(condition);
    return parsed instanceof ConfigError ? undefined : parsed.attributes;
  },
  build(condition, { keys }) {
    const parsed = parseCondition(condition);
    if (parsed instanceof ConfigError) throw parsed;
    return new FilterStage(parsed.build(keys));
  },
};

class FilterStage implements Stage {
  readonly #judge: Judge;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  process(batch: RecordBatch): void {
    const judge = this.#judge;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      const verdict = judge(batch, record);
      if (verdict === Verdict.False) batch.drop(record, 'filter');
      else if (verdict === Verdict.Undecided) batch.fail(record, 'the condition is neither true nor false');
    }
  }
}
