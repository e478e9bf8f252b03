import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AnyValue, type Attributes, decodeLogs } from '../../../src/codec/otlp/decode-logs.ts';
import { LogsJsonRequestEncoder } from '../../../src/codec/otlp/logs-json-request.ts';
import { LogsRequestEncoder } from '../../../src/codec/otlp/logs-request.ts';
import { marksOf } from '../../../src/codec/otlp/marks.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { Resource, type ResourceValue } from '../../../src/core/resource.ts';
import { ValueType } from '../../../src/core/value-type.ts';
import {
  batchOfModels,
  numberTypeOf,
  type RecordModel,
  recordModel,
  type ValueModel,
} from '../../harness/arbitrary-batch.ts';
import { batchOf, OBSERVED_UNIX_MS } from '../../harness/batch.ts';
import type { JsonModel } from '../../harness/json-model.ts';

/** OTLP/JSON as it is read here. */
interface JsonAnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number | string;
  readonly arrayValue?: { readonly values: readonly JsonAnyValue[] };
  readonly kvlistValue?: { readonly values: readonly JsonKeyValue[] };
}

interface JsonKeyValue {
  readonly key: string;
  readonly value: JsonAnyValue;
}

interface JsonLogRecord {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly flags?: number;
  readonly body: JsonAnyValue;
  readonly attributes?: readonly JsonKeyValue[];
}

interface JsonRequest {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly JsonKeyValue[] };
    readonly scopeLogs: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly logRecords: readonly JsonLogRecord[];
    }[];
  }[];
}

const SCOPE = { scopeName: 'my.library', scopeVersion: '1.0.0' };
const PLAIN_STYLE = { space: '', isEscaped: false };

function parsed(body: Uint8Array): unknown {
  return JSON.parse(Buffer.from(body).toString());
}

/** A request with these record objects of one resource. */
function requestOf(groups: readonly { resource: Resource; records: readonly unknown[] }[]): unknown {
  return {
    resourceLogs: groups.map(({ resource, records }) => ({
      resource: { attributes: [...resource.attributes].map(([key, value]) => ({ key, value: constantOf(value) })) },
      scopeLogs: [{ scope: { name: SCOPE.scopeName, version: SCOPE.scopeVersion }, logRecords: records }],
    })),
  };
}

function constantOf(value: ResourceValue): unknown {
  if (typeof value === 'object') return { arrayValue: { values: value.map(constantOf) } };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** What a record must be in OTLP/JSON, by the rules and not by the encoder. */
function recordOf(model: RecordModel): unknown {
  const marks = marksOf(model.flags);
  const attributes = model.attributes.map(([key, value]) => ({ key: key.toWellFormed(), value: anyValueOf(value) }));
  if (marks.length > 0) {
    const values = marks.map((mark) => ({ stringValue: mark }));
    attributes.push({ key: 'pillion.marks', value: { arrayValue: { values } } });
  }
  const hasTrace = model.traceId !== undefined;
  return {
    observedTimeUnixNano: `${OBSERVED_UNIX_MS}000000`,
    ...(model.timeUnixNano !== 0n && { timeUnixNano: String(model.timeUnixNano) }),
    ...(model.severityNumber !== 0 && { severityNumber: model.severityNumber }),
    ...(model.severityText !== '' && { severityText: model.severityText.toWellFormed() }),
    body: anyValueOf(model.body),
    ...(attributes.length > 0 && { attributes }),
    ...(hasTrace && model.traceFlags !== 0 && { flags: model.traceFlags }),
    ...(hasTrace && { traceId: Buffer.from(model.traceId).toString('hex') }),
    ...(hasTrace && model.spanId !== undefined && { spanId: Buffer.from(model.spanId).toString('hex') }),
  };
}

function anyValueOf(value: ValueModel): unknown {
  switch (value.kind) {
    case 'empty':
      return {};
    case 'text':
      return { stringValue: value.value.toWellFormed() };
    case 'list':
      return { arrayValue: { values: [{ stringValue: value.value.toWellFormed() }] } };
    case 'boolean':
      return { boolValue: value.value };
    case 'number':
      return numberOf(value.digits);
    case 'json':
      return nestedOf(value.model);
    default:
      return value satisfies never;
  }
}

function nestedOf(model: JsonModel): unknown {
  switch (model.kind) {
    case 'null':
      return {};
    case 'boolean':
      return { boolValue: model.value };
    case 'number':
      return numberOf(model.digits);
    case 'string':
      return { stringValue: model.value.toWellFormed() };
    case 'array':
      return { arrayValue: { values: model.items.map(nestedOf) } };
    case 'object': {
      const keys = model.entries.map(([key]) => key.toWellFormed());
      // Of a key that comes twice the last value counts.
      const last = model.entries.filter((_, i) => !keys.includes(keys[i]!, i + 1));
      const values = last.map(([key, item]) => ({ key: key.toWellFormed(), value: nestedOf(item) }));
      return { kvlistValue: { values } };
    }
    default:
      return model satisfies never;
  }
}

function numberOf(digits: string): unknown {
  switch (numberTypeOf(digits)) {
    case ValueType.Int:
      return { intValue: digits };
    case ValueType.Double:
      return { doubleValue: Number.isFinite(Number(digits)) ? Number(digits) : String(Number(digits)) };
    default:
      return { stringValue: digits };
  }
}

test('LogsJsonRequestEncoder writes what any batch holds', () => {
  const resource = new Resource([['service.name', 'a\u001b"b']]);
  fc.assert(
    fc.property(fc.array(recordModel, { maxLength: 4 }), (records) => {
      const encoder = new LogsJsonRequestEncoder(SCOPE);
      const batch = batchOfModels(records, resource);
      for (let record = 0; record < batch.count; record++) encoder.append(batch, record);
      const expected = records.length === 0 ? [] : [{ resource, records: records.map(recordOf) }];
      const body = encoder.body(0, records.length);
      assert.deepEqual(parsed(body), requestOf(expected));
      assert.ok(body.length <= encoder.byteLength && encoder.byteLength <= body.length + 1);
    }),
    { numRuns: 300 },
  );
});

/** An AnyValue of OTLP/JSON as `decodeLogs()` gives one. */
function decodedValue(value: JsonAnyValue): AnyValue {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.intValue !== undefined) return BigInt(value.intValue);
  if (value.doubleValue !== undefined) return Number(value.doubleValue);
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(decodedValue);
  if (value.kvlistValue !== undefined) return decodedAttributes(value.kvlistValue.values);
  return null;
}

function decodedAttributes(attributes: readonly JsonKeyValue[] = []): Attributes {
  return new Map(attributes.map(({ key, value }) => [key, decodedValue(value)]));
}

test('LogsJsonRequestEncoder says of a record what LogsRequestEncoder says', () => {
  fc.assert(
    fc.property(recordModel, (model) => {
      const batch = batchOfModels([model], new Resource());
      const json = new LogsJsonRequestEncoder(SCOPE);
      const protobuf = new LogsRequestEncoder(SCOPE);
      json.append(batch, 0);
      protobuf.append(batch, 0);
      const request = parsed(json.body(0, 1)) as JsonRequest;
      const record = request.resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!;
      assert.deepEqual(
        {
          timeUnixNano: BigInt(record.timeUnixNano ?? 0),
          observedTimeUnixNano: BigInt(record.observedTimeUnixNano),
          severityNumber: record.severityNumber ?? 0,
          severityText: record.severityText ?? '',
          body: decodedValue(record.body),
          attributes: decodedAttributes(record.attributes),
          droppedAttributesCount: 0,
          flags: record.flags ?? 0,
          traceId: record.traceId ?? '',
          spanId: record.spanId ?? '',
          eventName: '',
        },
        decodeLogs(protobuf.body(0, 1)).resourceLogs[0]!.scopeLogs[0]!.logRecords[0],
      );
    }),
    { numRuns: 300 },
  );
});

test('LogsJsonRequestEncoder writes each resource once, whatever run of records is asked for', () => {
  const resources = [new Resource([['service.name', 'a']]), new Resource(), new Resource([['service.name', 'c']])];
  const step = fc.record(
    { resource: fc.nat({ max: 2 }), isUndone: fc.boolean(), text: fc.string({ maxLength: 3 }) },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.nat(), fc.nat(), (steps, a, b) => {
      const encoder = new LogsJsonRequestEncoder(SCOPE);
      const kept: { resource: number; text: string }[] = [];
      for (const { resource, text, isUndone } of steps) {
        encoder.append(batchOf([text], undefined, resources[resource]), 0);
        if (isUndone) encoder.undoAppend();
        else kept.push({ resource, text });
      }
      assert.equal(encoder.recordCount, kept.length);
      const from = a % (kept.length + 1);
      const to = from + (b % (kept.length - from + 1));
      const wanted = kept.slice(from, to);
      const order = [...new Set(wanted.map(({ resource }) => resource))];
      const groups = order.map((index) => ({
        resource: resources[index]!,
        records: wanted
          .filter(({ resource }) => resource === index)
          .map(({ text }) => ({ observedTimeUnixNano: `${OBSERVED_UNIX_MS}000000`, body: { stringValue: text } })),
      }));
      assert.deepEqual(parsed(encoder.body(from, to)), requestOf(groups));
    }),
    { numRuns: 200 },
  );
});

test('LogsJsonRequestEncoder.body() keeps its bytes when it is called again', () => {
  const encoder = new LogsJsonRequestEncoder(SCOPE);
  const batch = batchOf(['one', 'two', 'three']);
  for (let record = 0; record < 3; record++) encoder.append(batch, record);
  const left = encoder.body(0, 2);
  const before = Buffer.from(left);
  encoder.body(2, 3);
  assert.deepEqual(Buffer.from(left), before);
});

test('LogsJsonRequestEncoder.clear() makes room for another request', () => {
  const encoder = new LogsJsonRequestEncoder(SCOPE);
  const empty = encoder.byteLength;
  const first = new Resource([['a', 1]]);
  const second = new Resource([['b', 2]]);
  encoder.append(batchOf(['x'], undefined, first), 0);
  encoder.clear();
  assert.equal(encoder.recordCount, 0);
  assert.equal(encoder.byteLength, empty);
  encoder.append(batchOf(['y'], undefined, second), 0);
  const records = [{ observedTimeUnixNano: `${OBSERVED_UNIX_MS}000000`, body: { stringValue: 'y' } }];
  assert.deepEqual(parsed(encoder.body(0, 1)), requestOf([{ resource: second, records }]));
});

test('LogsJsonRequestEncoder writes attributes of a resource by their types', () => {
  const resource = new Resource([
    ['text', 'x'],
    ['yes', true],
    ['integer', -5],
    ['fraction', 0.5],
    ['beyond 2^53', 2 ** 60],
  ]);
  const encoder = new LogsJsonRequestEncoder(SCOPE);
  encoder.append(batchOf(['x'], undefined, resource), 0);
  const records = [{ observedTimeUnixNano: `${OBSERVED_UNIX_MS}000000`, body: { stringValue: 'x' } }];
  assert.deepEqual(parsed(encoder.body(0, 1)), requestOf([{ resource, records }]));
});

test('LogsJsonRequestEncoder writes numbers that JSON has not as strings', () => {
  const resource = new Resource([
    ['nan', Number.NaN],
    ['infinity', -Infinity],
  ]);
  const encoder = new LogsJsonRequestEncoder(SCOPE);
  encoder.append(batchOf(['x'], undefined, resource), 0);
  const text = Buffer.from(encoder.body(0, 1)).toString();
  assert.match(
    text,
    /\{"key":"nan","value":\{"doubleValue":"NaN"\}\},\{"key":"infinity","value":\{"doubleValue":"-Infinity"\}\}/,
  );
});

test('LogsJsonRequestEncoder keeps the keys of different tables apart', () => {
  const encoder = new LogsJsonRequestEncoder(SCOPE);
  const resource = new Resource();
  for (const key of ['first', 'second']) {
    const model = recordWith({ attributes: [[key, { kind: 'text', value: 'v' }]] });
    encoder.append(batchOfModels([model], resource), 0);
  }
  const text = Buffer.from(encoder.body(0, 2)).toString();
  assert.match(text, /"key":"first".*"key":"second"/);
});

test('LogsJsonRequestEncoder writes one line', () => {
  const model = recordWith({
    body: { kind: 'text', value: 'a\nb' },
    attributes: [
      ['k', { kind: 'json', model: { kind: 'array', items: [] }, style: { space: '\n', isEscaped: false } }],
    ],
    flags: RecordFlag.Truncated,
  });
  const encoder = new LogsJsonRequestEncoder(SCOPE);
  encoder.append(batchOfModels([model], new Resource()), 0);
  assert.ok(!Buffer.from(encoder.body(0, 1)).includes('\n'));
});

function recordWith(parts: Partial<RecordModel>): RecordModel {
  return {
    body: { kind: 'empty' },
    attributes: [],
    timeUnixNano: 0n,
    severityNumber: 0,
    severityText: '',
    traceId: undefined,
    spanId: undefined,
    traceFlags: 0,
    flags: 0,
    ...parts,
  };
}

// --- the official example --------------------------------------------------------------------------------------------

const EXAMPLE = new URL('../../../../shared/corpora/otlp-proto/examples/logs.json', import.meta.url);

const isMissing = existsSync(EXAMPLE) ? false : 'the corpora are not there';
test('LogsJsonRequestEncoder writes the official example of OTLP', { skip: isMissing }, () => {
  const example = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as JsonRequest;
  const [resourceLogs] = example.resourceLogs;
  const [scopeLogs] = resourceLogs!.scopeLogs;
  const [record] = scopeLogs!.logRecords;
  const resource = new Resource(resourceLogs!.resource.attributes.map(({ key, value }) => [key, value.stringValue!]));
  const model = recordWith({
    body: modelOf(record!.body),
    attributes: record!.attributes!.map(({ key, value }) => [key, modelOf(value)]),
    timeUnixNano: BigInt(record!.timeUnixNano!),
    severityNumber: record!.severityNumber!,
    severityText: record!.severityText!,
    traceId: Buffer.from(record!.traceId!, 'hex'),
    spanId: Buffer.from(record!.spanId!, 'hex'),
  });
  const batch = batchOfModels([model], resource);
  batch.observedUnixMs = Number(BigInt(record!.observedTimeUnixNano) / 1_000_000n);
  const { name, version } = scopeLogs!.scope;
  const encoder = new LogsJsonRequestEncoder({ scopeName: name, scopeVersion: version });
  encoder.append(batch, 0);

  // Scopes of ours have no attributes, and hexadecimal is written in small letters.
  const expected = structuredClone(example);
  Object.assign(expected.resourceLogs[0]!.scopeLogs[0]!, { scope: { name, version } });
  Object.assign(expected.resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!, {
    traceId: record!.traceId!.toLowerCase(),
    spanId: record!.spanId!.toLowerCase(),
  });
  assert.deepEqual(parsed(encoder.body(0, 1)), expected);
});

function modelOf(value: JsonAnyValue): ValueModel {
  if (value.stringValue !== undefined) return { kind: 'text', value: value.stringValue };
  if (value.boolValue !== undefined) return { kind: 'boolean', value: value.boolValue };
  if (value.intValue !== undefined) return { kind: 'number', digits: value.intValue };
  if (value.doubleValue !== undefined) return { kind: 'number', digits: String(value.doubleValue) };
  return { kind: 'json', model: jsonModelOf(value), style: PLAIN_STYLE };
}

function jsonModelOf(value: JsonAnyValue): JsonModel {
  if (value.stringValue !== undefined) return { kind: 'string', value: value.stringValue };
  if (value.arrayValue !== undefined) return { kind: 'array', items: value.arrayValue.values.map(jsonModelOf) };
  const entries = value.kvlistValue!.values;
  return { kind: 'object', entries: entries.map(({ key, value }) => [key, jsonModelOf(value)] as const) };
}
