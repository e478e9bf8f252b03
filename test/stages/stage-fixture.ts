import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { LogsJsonRequestEncoder } from '../../src/codec/otlp/logs-json-request.ts';
import { checkOptions } from '../../src/component/check-options.ts';
import type { StageContext, StageDefinition } from '../../src/component/definition.ts';
import type { Stage } from '../../src/core/contracts.ts';
import type { ConfigError } from '../../src/core/errors.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { unwatchedInstruments } from '../../src/core/instruments.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import type { RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import { jsonStage } from '../../src/stages/json/index.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { batchOf } from '../harness/batch.ts';

export interface TestContext extends StageContext {
  readonly clock: FakeClock;
  /** What was logged, one object a message. */
  readonly logged: Record<string, unknown>[];
}

export function stageContext(keys = new KeyTable()): TestContext {
  const logged: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) };
  const logger = createLogger({ level: 'debug', pretty: false, stream: stream as never });
  return {
    name: 'logs/1',
    clock: new FakeClock(),
    logger,
    metrics: new Metrics(),
    keys,
    instruments: unwatchedInstruments,
    logged,
  };
}

/** Builds a stage the way the agent does. Throws what is wrong with its options. */
export function buildStage<Options>(
  definition: StageDefinition<Options>,
  options: unknown,
  context: StageContext = stageContext(),
): Stage {
  const [error] = optionErrors(definition, options);
  if (error !== undefined) throw error;
  const checked = checkOptions(definition.options, options, []);
  assert.ok(checked.ok);
  return definition.build(checked.options, context);
}

/** All that is wrong with the options of a stage: by their types, else by its own check. */
export function optionErrors<Options>(definition: StageDefinition<Options>, options: unknown): ConfigError[] {
  const checked = checkOptions(definition.options, options, []);
  return checked.ok ? (definition.check?.(checked.options) ?? []) : checked.errors;
}

/** A batch whose records are JSON objects, as the stage `json` leaves them. */
export function batchOfObjects(
  objects: readonly string[],
  keys = new KeyTable(),
  resource = new Resource(),
): RecordBatch {
  const batch = batchOf(objects, keys, resource);
  buildStage(jsonStage, {}, stageContext(keys)).process(batch);
  return batch;
}

/** The batch after a stage has seen these records. */
export function processObjects<Options>(
  definition: StageDefinition<Options>,
  options: unknown,
  objects: readonly string[],
): RecordBatch {
  const context = stageContext();
  const batch = batchOfObjects(objects, context.keys);
  buildStage(definition, options, context).process(batch);
  return batch;
}

/** The batch after a stage has seen these texts as bodies. */
export function processTexts<Options>(
  definition: StageDefinition<Options>,
  options: unknown,
  texts: readonly (string | Uint8Array)[],
): RecordBatch {
  const context = stageContext();
  const batch = batchOf(texts, context.keys);
  buildStage(definition, options, context).process(batch);
  return batch;
}

/**
 * Runs the example of a definition: its input, through `json` where it is an object, and the stage, as OTLP/JSON but
 * for the observed time.
 */
export function assertExample<Options>(definition: StageDefinition<Options>): void {
  const { config, input, output } = definition.example;
  const [stage] = parse(config) as (string | Record<string, unknown>)[];
  const options = typeof stage === 'string' ? {} : stage![definition.type];
  const process = input.startsWith('{') ? processObjects : processTexts;
  const batch = process(definition, options, [input]);
  const encoder = new LogsJsonRequestEncoder({ scopeName: '', scopeVersion: '' });
  encoder.append(batch, 0);
  const request = JSON.parse(Buffer.from(encoder.body(0, 1)).toString()) as OtlpRequest;
  const { observedTimeUnixNano: _, ...record } = request.resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!;
  assert.equal(JSON.stringify(record), output);
}

interface OtlpRequest {
  readonly resourceLogs: { readonly scopeLogs: { readonly logRecords: Record<string, unknown>[] }[] }[];
}
