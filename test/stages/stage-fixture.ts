import { checkOptions } from '../../src/component/check-options.ts';
import type { StageContext, StageDefinition } from '../../src/component/definition.ts';
import type { Stage } from '../../src/core/contracts.ts';
import type { ConfigError } from '../../src/core/errors.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import { ValueType } from '../../src/core/value-type.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { OBSERVED_UNIX_MS } from '../harness/batch.ts';

export interface TestContext extends StageContext {
  readonly clock: FakeClock;
  /** What was logged, one JSON object a message. */
  readonly logged: Record<string, unknown>[];
}

export function stageContext(keys = new KeyTable()): TestContext {
  const logged: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) };
  const logger = createLogger({ level: 'debug', pretty: false, stream: stream as never });
  return { name: 'logs/1', clock: new FakeClock(), logger, metrics: new Metrics(), keys, logged };
}

/** Builds a stage the way the agent does: options checked against its declaration, then by its own check. */
export function buildStage<Options>(
  definition: StageDefinition<Options>,
  options: unknown,
  context: StageContext = stageContext(),
): Stage {
  const checked = checkOptions(definition.options, options, []);
  if (!checked.ok) throw new AggregateError(checked.errors, checked.errors.map(({ message }) => message).join('; '));
  const errors = definition.check?.(checked.options) ?? [];
  if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('; '));
  return definition.build(checked.options, context);
}

/** All that is wrong with the options of a stage. */
export function optionErrors<Options>(definition: StageDefinition<Options>, options: unknown): ConfigError[] {
  const checked = checkOptions(definition.options, options, []);
  return checked.ok ? (definition.check?.(checked.options) ?? []) : checked.errors;
}

/** A batch whose records have the members of JSON objects as attributes; each body is the object's text. */
export function batchOfObjects(
  objects: readonly string[],
  keys = new KeyTable(),
  resource = new Resource(),
): RecordBatch {
  const batch = new RecordBatch(keys);
  batch.reset({ id: 'test', name: 'test.log', resource }, OBSERVED_UNIX_MS);
  for (const object of objects) {
    const start = batch.appendText(object);
    const record = batch.addRecord(start, batch.byteLength);
    for (const [key, type, text] of members(object)) {
      const at = batch.appendText(text);
      batch.addSpan(record, keys.internText(key), type, at, batch.byteLength);
    }
  }
  return batch;
}

/** Runs a stage over one record. */
export function processOne<Options>(definition: StageDefinition<Options>, options: unknown, object: string): RecordBatch {
  const context = stageContext();
  const batch = batchOfObjects([object], context.keys);
  buildStage(definition, options, context).process(batch);
  return batch;
}

type Member = [key: string, type: ValueType, text: string];

function members(object: string): Member[] {
  const sources = new Map<string, string>();
  const parsed = JSON.parse(object, (key, value: unknown, context?: { source?: string }) => {
    if (context?.source !== undefined) sources.set(key, context.source);
    return value;
  }) as Record<string, unknown>;
  return Object.entries(parsed).map(([key, value]): Member => {
    switch (typeof value) {
      case 'string':
        return [key, ValueType.String, value];
      case 'number': {
        const source = sources.get(key)!;
        return [key, /^-?\d+$/.test(source) ? ValueType.Int : ValueType.Double, source];
      }
      case 'boolean':
        return [key, value ? ValueType.True : ValueType.False, String(value)];
      default:
        return value === null ? [key, ValueType.Empty, ''] : [key, ValueType.Json, JSON.stringify(value)];
    }
  });
}
