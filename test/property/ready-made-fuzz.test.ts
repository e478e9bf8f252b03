import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildStages } from '../../src/agent/build-stages.ts';
import { frameInput, type TraceOptions } from '../../src/agent/trace-input.ts';
import { LogsRequestEncoder } from '../../src/codec/otlp/logs-request.ts';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import type { Stage } from '../../src/core/contracts.ts';
import { caseLines, json, mutated, noise, REPEATED } from '../harness/hostile-lines.ts';
import { decodeLogsReference } from '../harness/otlp-reference.ts';
import { PARSERS, parserStage } from '../harness/parsers.ts';
import { readyMade } from '../harness/ready-made.ts';

function inputOf(lines: readonly Uint8Array[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.of(10)]));
}

/** Runs an input through stages. Every record that was framed is dropped, or in a request that others can decode. */
function assertNothingLost(input: Buffer, stages: readonly Stage[], options: TraceOptions): void {
  const batch = frameInput(input, options);
  const framed = batch.count;
  for (const stage of stages) stage.process(batch);
  assert.equal(batch.count, framed);
  const live = Array.from({ length: framed }, (_, record) => record).filter((record) => batch.isLive(record));
  const dropped = [...batch.drops.values()].reduce((sum, records) => sum + records, 0);
  assert.equal(live.length + dropped, framed);
  if (live.length === 0) return;
  const encoder = new LogsRequestEncoder({ scopeName: '', scopeVersion: '' });
  for (const record of live) encoder.append(batch, record);
  const { resourceLogs } = decodeLogsReference(encoder.body(0, live.length));
  const records = resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
  assert.equal(records.length, live.length);
}

const READY_MADE = readyMadeNames(READY_MADE_FOLDER);

for (const name of [...READY_MADE, 'auto']) {
  test(`the ready-made pipeline ${name} takes any line, and loses none`, async () => {
    const options = { ...(await readyMade(name)), stream: 'app.log' };
    const stages = buildStages(options.steps, options.context);
    const lines = name === 'auto' ? READY_MADE.flatMap(caseLines) : caseLines(name);
    fc.assert(
      fc.property(fc.array(fc.oneof(mutated(lines), mutated(lines), noise, json), { maxLength: 8 }), (lines) =>
        assertNothingLost(inputOf(lines), stages, options),
      ),
      { numRuns: 200 },
    );
    for (const unit of REPEATED) {
      assertNothingLost(inputOf([Buffer.from(unit.repeat(20_000))]), stages, options);
    }
  });
}

for (const type of Object.keys(PARSERS)) {
  test(`the parser ${type} takes any line, and loses none`, async () => {
    const options = { ...(await readyMade('pino')), stream: 'app.log', steps: [], grouping: undefined };
    const stages = [parserStage(type, options.context)];
    const lines = READY_MADE.flatMap(caseLines);
    fc.assert(
      fc.property(fc.array(fc.oneof(mutated(lines), noise, json), { maxLength: 8 }), (lines) =>
        assertNothingLost(inputOf(lines), stages, options),
      ),
      { numRuns: 500 },
    );
  });
}
