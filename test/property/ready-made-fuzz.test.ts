import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildStages } from '../../src/agent/build-stages.ts';
import { findCases } from '../../src/agent/cases.ts';
import { frameInput, type TraceOptions } from '../../src/agent/trace-input.ts';
import { catalog } from '../../src/catalog.ts';
import { LogsRequestEncoder } from '../../src/codec/otlp/logs-request.ts';
import { checkOptions } from '../../src/component/check-options.ts';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import type { Stage } from '../../src/core/contracts.ts';
import { decodeLogsReference } from '../harness/otlp-reference.ts';
import { readyMade } from '../harness/ready-made.ts';

/** What lines are made of: what parsers look for, what is no text, and numbers at the ends of what fits. */
const piece = fc.oneof(
  fc
    .constantFrom(
      ...'{}[]()<>"\'\\/|=:,;. \t\r%#@!-+',
      ...['\\"', '\\u0000', '\\ud83d', 'null', 'true', '-0', '1e999', '9223372036854775808', '1767355200', '0x1f'],
      ...['2026-01-02T03:04:05.678Z', 'Jan  2 03:04:05', '02/Jan/2026:03:04:05 +0000', 'INFO', 'ERROR', 'level', 'msg'],
      ...['time', '127.0.0.1', 'GET / HTTP/1.1', '\tat a.b(C.java:1)', 'Traceback (most recent call last):', 'é', '😀'],
    )
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
);
const noise = fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.concat(pieces));
const json = fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text));

/** Lines in which something was replaced, repeated, cut out or put in. */
function mutated(lines: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 12 }),
    put: fc.oneof(noise, fc.constant(Buffer.alloc(0))),
  });
  return fc
    .tuple(fc.constantFrom(...lines), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([line, changes]) => {
      let bytes = line;
      for (const { at, length, put } of changes) {
        const start = at % (bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, start), put, bytes.subarray(start + length)]);
      }
      return bytes;
    });
}

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

for (const name of readyMadeNames(READY_MADE_FOLDER)) {
  test(`the ready-made pipeline ${name} takes any line, and loses none`, async () => {
    const options = { ...(await readyMade(name)), stream: 'app.log' };
    const stages = buildStages(options.steps, options.context);
    const lines = findCases(join(READY_MADE_FOLDER, name, 'cases')).flatMap(({ inputFile }) =>
      readFileSync(inputFile, 'latin1')
        .split('\n')
        .map((line) => Buffer.from(line, 'latin1')),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(mutated(lines), mutated(lines), noise, json), { maxLength: 8 }), (lines) =>
        assertNothingLost(inputOf(lines), stages, options),
      ),
      { numRuns: 200 },
    );
    for (const unit of ['a', '"', '\\', ' ', '[', '{"a":', '1:', '\u00e9', 'a=b ', ',', '\tat ']) {
      assertNothingLost(inputOf([Buffer.from(unit.repeat(20_000))]), stages, options);
    }
  });
}

/** Parsers, with options that let them read as much as they can. */
const PARSERS: Readonly<Record<string, unknown>> = {
  json: {},
  logfmt: { types: true },
  key_value: {},
  csv: { columns: ['a', 'b', 'c'] },
  klog: {},
  clf: {},
  syslog: {},
  pattern: '<a> [<b>] "<c>" <d:int>',
  regex: '^(?<a>\\S+) (?<b>\\d+)? ?(?<c>.*)$',
  grok: '%{COMBINEDAPACHELOG}',
};

for (const [type, written] of Object.entries(PARSERS)) {
  test(`the parser ${type} takes any line, and loses none`, async () => {
    const { context, resource } = await readyMade('pino');
    const definition = catalog.stages.get(type)!;
    const checked = checkOptions(definition.options, written, []);
    assert.ok(checked.ok);
    const stages = [definition.build(checked.options, context)];
    const options = { steps: [], grouping: undefined, resource, stream: 'app.log', context };
    fc.assert(
      fc.property(fc.array(fc.oneof(noise, json), { maxLength: 8 }), (lines) =>
        assertNothingLost(inputOf(lines), stages, options),
      ),
      { numRuns: 500 },
    );
  });
}
