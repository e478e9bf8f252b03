import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AnyValue, DecodedLogRecord } from '../../../src/codec/otlp/decode-logs.ts';
import { LogsRequestEncoder } from '../../../src/codec/otlp/logs-request.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import type { RecordBatch } from '../../../src/core/record-batch.ts';
import { Resource } from '../../../src/core/resource.ts';
import { ValueType } from '../../../src/core/value-type.ts';
import { batchOf, OBSERVED_UNIX_MS } from '../../harness/batch.ts';
import { decodeLogsReference } from '../../harness/otlp-reference.ts';

const SCOPE = { scopeName: 'pillion', scopeVersion: '1.2.3' };

/** A value as it stands in a batch, and what a receiver must get. */
interface Value {
  readonly type: ValueType;
  readonly text: string;
  readonly expected: AnyValue;
}

interface Input {
  readonly body: Value;
  readonly attributes: ReadonlyMap<string, Value>;
  readonly timeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer({ min: 100, max: 40_000 }).map((length) => 'é'.repeat(length / 2)),
  fc.constantFrom('x'.repeat(127), 'x'.repeat(128), 'x'.repeat(16_383), 'x'.repeat(16_384)),
);

/** JSON as a receiver must get it: OTLP has integers and doubles apart, and objects are maps. */
function ofJson(value: unknown): AnyValue {
  if (typeof value === 'number') return Number.isInteger(value) && !Object.is(value, -0) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(ofJson);
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).map(([k, v]) => [k, ofJson(v)]));
  return value as AnyValue;
}

const json = fc
  .oneof(
    fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }), { noNullPrototype: true }),
    fc.array(fc.jsonValue({ maxDepth: 5 })),
  )
  .filter((value) => !/\d{16,}|e[+-]?\d|-0\b/.test(JSON.stringify(value)))
  .chain((value) =>
    fc.constantFrom(0, 1).map(
      (indent): Value => ({
        type: ValueType.Json,
        text: JSON.stringify(value, null, indent),
        expected: ofJson(JSON.parse(JSON.stringify(value))),
      }),
    ),
  );

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constant({ type: ValueType.Empty, text: '', expected: null }),
  text.map((string) => ({ type: ValueType.String, text: string, expected: Buffer.from(string).toString() })),
  text.map((string) => ({ type: ValueType.TextList, text: string, expected: [Buffer.from(string).toString()] })),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((int) => ({ type: ValueType.Int, text: String(int), expected: int })),
  fc.integer().map((int) => ({ type: ValueType.Int, text: String(int), expected: BigInt(int) })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((double) => ({
    type: ValueType.Double,
    text: String(double),
    expected: double === 0 ? Number(String(double)) : double,
  })),
  fc.boolean().map((isTrue) => ({ type: isTrue ? ValueType.True : ValueType.False, text: '', expected: isTrue })),
  json,
);

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));

const input: fc.Arbitrary<Input> = fc.record({
  body: value,
  attributes: fc.array(fc.tuple(fc.string({ maxLength: 200 }), value), { maxLength: 8 }).map((pairs) => new Map(pairs)),
  timeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  severityNumber: fc.integer({ min: 0, max: 24 }),
  severityText: text,
  traceId: fc.oneof(fc.constant(''), hex(16)),
  spanId: hex(8),
  traceFlags: fc.integer({ min: 0, max: 255 }),
});

function batchOfInputs(inputs: readonly Input[], keys: KeyTable, resource: Resource): RecordBatch {
  const batch = batchOf(
    inputs.map(() => ''),
    keys,
    resource,
  );
  for (const [record, given] of inputs.entries()) {
    const span = (string: string): [number, number] => [batch.appendText(string), batch.byteLength];
    batch.setBody(record, given.body.type, ...span(given.body.text));
    for (const [key, attribute] of given.attributes) {
      const id = batch.internKey(...span(key));
      batch.addSpan(record, id, attribute.type, ...span(attribute.text));
    }
    batch.time[2 * record] = Number(given.timeUnixNano & 0xffffffffn);
    batch.time[2 * record + 1] = Number(given.timeUnixNano >> 32n);
    batch.severityNumber[record] = given.severityNumber;
    [batch.severityStart[record], batch.severityEnd[record]] = span(given.severityText);
    if (given.traceId === '') continue;
    const ids = Buffer.from(given.traceId + given.spanId, 'hex');
    batch.traceId[record] = batch.appendBytes(ids, 0, 24);
    batch.spanId[record] = batch.traceId[record]! + 16;
    batch.traceFlags[record] = given.traceFlags;
  }
  return batch;
}

function expectedRecord(given: Input): DecodedLogRecord {
  const hasTrace = given.traceId !== '';
  return {
    timeUnixNano: given.timeUnixNano,
    observedTimeUnixNano: BigInt(OBSERVED_UNIX_MS) * 1_000_000n,
    severityNumber: given.severityNumber,
    severityText: Buffer.from(given.severityText).toString(),
    body: given.body.expected,
    attributes: new Map([...given.attributes].map(([key, { expected }]) => [key, expected])),
    droppedAttributesCount: 0,
    flags: hasTrace ? given.traceFlags : 0,
    traceId: given.traceId,
    spanId: hasTrace ? given.spanId : '',
    eventName: '',
  };
}

test('LogsRequestEncoder gives an independent decoder what the batch holds', () => {
  for (const maxKeys of [10_000, 5]) {
    const keys = new KeyTable(maxKeys);
    const encoder = new LogsRequestEncoder(SCOPE);
    const resource = new Resource([
      ['service.name', 'shop'],
      ['n', -5],
      ['d', 0.5],
      ['t', true],
    ]);
    fc.assert(
      fc.property(fc.array(input, { minLength: 1, maxLength: 6 }), (inputs) => {
        encoder.clear();
        const batch = batchOfInputs(inputs, keys, resource);
        for (const record of inputs.keys()) encoder.append(batch, record);
        const body = encoder.body(0, inputs.length);
        assert.ok(body.length <= encoder.byteLength);
        const [group, ...others] = decodeLogsReference(body).resourceLogs;
        assert.equal(others.length, 0);
        assert.deepEqual(
          [...group!.resource.attributes],
          [
            ['service.name', 'shop'],
            ['n', -5n],
            ['d', 0.5],
            ['t', true],
          ],
        );
        assert.deepEqual([group!.scopeLogs[0]!.scope.name, group!.scopeLogs[0]!.scope.version], ['pillion', '1.2.3']);
        assert.deepEqual(group!.scopeLogs[0]!.logRecords, inputs.map(expectedRecord));
      }),
      { numRuns: 300 },
    );
  }
});

test('append() writes keys and values of any length, and more keys than it has room for at first', () => {
  const around = (length: number): number[] => Array.from({ length: 9 }, (_, i) => length - 5 + i);
  const lengths = [1, 2, ...around(9), ...around(25), ...around(32), ...around(100), ...around(124), 16_380, 16_390];
  const values: [type: ValueType, text: string, expected: AnyValue][] = [
    [ValueType.Int, '7', 7n],
    [ValueType.Int, '-9223372036854775808', -9_223_372_036_854_775_808n],
    [ValueType.Double, '0.5', 0.5],
    [ValueType.Double, `0.${'5'.repeat(200)}`, 5 / 9],
    [ValueType.True, '', true],
    [ValueType.Json, '["é"]', ['é']],
    ...[0, ...lengths].map((length): [ValueType, string, AnyValue] => {
      const text = 'x'.repeat(length);
      return [ValueType.String, text, text];
    }),
    ...[0, ...lengths].map((length): [ValueType, string, AnyValue] => {
      const text = 'x'.repeat(length);
      return [ValueType.TextList, text, [text]];
    }),
  ];
  const keys = new KeyTable();
  for (let i = 0; i < 1020; i++) keys.internText(`k${i}`);
  const encoder = new LogsRequestEncoder(SCOPE);
  for (const length of lengths) {
    const batch = batchOf(
      values.map(([, text]) => text),
      keys,
    );
    // A different key for each length, so that its head is made while others are written.
    const key = keys.internText('k'.padEnd(length, String.fromCharCode(0x61 + (length % 26))));
    for (const [record, [type, text]] of values.entries()) {
      const start = batch.appendText(text);
      batch.addSpan(record, keys.internText('first'), ValueType.String, start, start);
      batch.addSpan(record, key, type, start, batch.byteLength);
    }
    encoder.clear();
    for (const record of values.keys()) encoder.append(batch, record);
    const [group] = decodeLogsReference(encoder.body(0, values.length)).resourceLogs;
    for (const [record, [, text, expected]] of values.entries()) {
      const { body, attributes } = group!.scopeLogs[0]!.logRecords[record]!;
      assert.equal(body, text);
      assert.deepEqual(
        [...attributes],
        [
          ['first', ''],
          [keys.text(key), expected],
        ],
      );
    }
  }
});

/** For each resource of a body its name and the bodies of its records. */
function bodiesOf(request: Uint8Array): Map<AnyValue, AnyValue[]> {
  const { resourceLogs } = decodeLogsReference(request);
  return new Map(
    resourceLogs.map(({ resource, scopeLogs }) => [
      resource.attributes.get('r') ?? null,
      scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => body)),
    ]),
  );
}

test('body() names each resource once, and any run of records makes a body', () => {
  const resources = ['a', 'b', 'c'].map((name) => new Resource([['r', name]]));
  const keys = new KeyTable();
  fc.assert(
    fc.property(
      fc.array(fc.record({ resource: fc.nat({ max: 2 }), undone: fc.boolean() }), { minLength: 1, maxLength: 30 }),
      fc.nat(),
      fc.nat(),
      (appends, a, b) => {
        const encoder = new LogsRequestEncoder(SCOPE);
        const kept: { resource: string; body: string }[] = [];
        for (const [index, { resource, undone }] of appends.entries()) {
          encoder.append(batchOf([`body ${index}`], keys, resources[resource]!), 0);
          if (undone) encoder.undoAppend();
          else kept.push({ resource: 'abc'[resource]!, body: `body ${index}` });
        }
        assert.equal(encoder.recordCount, kept.length);
        if (kept.length === 0) return;
        const from = a % kept.length;
        const to = from + 1 + (b % (kept.length - from));
        const expected = new Map<string, string[]>();
        for (const { resource, body } of kept.slice(from, to))
          expected.set(resource, [...(expected.get(resource) ?? []), body]);
        const sorted = (map: Map<AnyValue, AnyValue[]>) => [...map].sort();
        assert.deepEqual(sorted(bodiesOf(encoder.body(from, to))), sorted(expected));
        assert.ok(encoder.body(0, kept.length).length <= encoder.byteLength);
      },
    ),
    { numRuns: 500 },
  );
});

test('append() adds the marks of a record as an array of words', () => {
  const batch = batchOf(['x']);
  batch.flags[0] = 2 | 4 | 32;
  const encoder = new LogsRequestEncoder(SCOPE);
  encoder.append(batch, 0);
  const record = decodeLogsReference(encoder.body(0, 1)).resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!;
  assert.deepEqual([...record.attributes], [['pillion.marks', ['parse_failed', 'truncated', 'invalid_utf8']]]);
});
