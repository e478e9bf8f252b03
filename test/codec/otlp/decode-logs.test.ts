import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AnyValue, type Attributes, type DecodedLogs, decodeLogs } from '../../../src/codec/otlp/decode-logs.ts';
import { decodeLogsReference, encodeLogsReference } from '../../harness/otlp-reference.ts';

/** `fc.record()` with the prototype that object literals have. */
function record<T extends object>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

const text = fc.string({ unit: 'binary', maxLength: 12 });
const hexId = fc.uint8Array({ maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const unixNano = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });

const { value } = fc.letrec<{ value: AnyValue; attributes: Attributes }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    text,
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('attributes'),
  ),
  attributes: fc.array(fc.tuple(text, tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
}));
const attributes: fc.Arbitrary<Attributes> = fc
  .array(fc.tuple(text, value), { maxLength: 4 })
  .map((entries) => new Map(entries));

const logRecord = record({
  timeUnixNano: unixNano,
  observedTimeUnixNano: unixNano,
  severityNumber: fc.integer({ min: 0, max: 24 }),
  severityText: text,
  body: value,
  attributes,
  droppedAttributesCount: uint32,
  flags: uint32,
  traceId: hexId,
  spanId: hexId,
  eventName: text,
});
const logs: fc.Arbitrary<DecodedLogs> = record({
  resourceLogs: fc.array(
    record({
      resource: record({ attributes, droppedAttributesCount: uint32 }),
      scopeLogs: fc.array(
        record({
          scope: record({ name: text, version: text, attributes, droppedAttributesCount: uint32 }),
          logRecords: fc.array(logRecord, { maxLength: 3 }),
          schemaUrl: text,
        }),
        { maxLength: 2 },
      ),
      schemaUrl: text,
    }),
    { maxLength: 2 },
  ),
});

test('decodeLogs() reads what the reference encoder wrote', () => {
  fc.assert(
    fc.property(logs, (message) => assert.deepEqual(decodeLogs(encodeLogsReference(message)), message)),
    { numRuns: 500 },
  );
});

test('decodeLogs() agrees with the reference decoder', () => {
  fc.assert(
    fc.property(logs, (message) => {
      const bytes = encodeLogsReference(message);
      assert.deepEqual(decodeLogs(bytes), decodeLogsReference(bytes));
    }),
  );
});

test('decodeLogs() returns or throws a RangeError, whatever the bytes are', () => {
  const damaged = fc
    .tuple(logs, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }), fc.nat())
    .map(([message, changes, cut]) => {
      const bytes = Buffer.from(encodeLogsReference(message));
      for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return bytes.subarray(0, cut % 4 === 0 ? cut % (bytes.length + 1) : bytes.length);
    });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 64 })), (bytes) => {
      try {
        decodeLogs(bytes);
      } catch (error) {
        assert(error instanceof RangeError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test('decodeLogs() reads only the view it is given', () => {
  const message = encodeLogsReference(oneRecord({ body: 'inside' }));
  const memory = Buffer.concat([Buffer.alloc(7, 0xff), message, Buffer.alloc(7, 0xff)]);
  assert.deepEqual(decodeLogs(memory.subarray(7, 7 + message.length)), decodeLogs(message));
  assert.throws(() => decodeLogs(memory.subarray(7, 6 + message.length)), RangeError);
});

test('decodeLogs() gives an empty request for no bytes', () => {
  assert.deepEqual(decodeLogs(new Uint8Array()), { resourceLogs: [] });
});

for (const [name, hex] of [
  ['a varint', '7801'],
  ['a fixed64', '790102030405060708'],
  ['bytes', '7a03010203'],
  ['a fixed32', '7d01020304'],
] as const) {
  test(`decodeLogs() passes over an unknown field that is ${name}`, () => {
    const before = Buffer.from(hex, 'hex');
    const message = encodeLogsReference(oneRecord({ body: 'kept' }));
    assert.deepEqual(decodeLogs(Buffer.concat([before, message, before])), decodeLogs(message));
  });
}

for (const { name, hex, message } of [
  { name: 'a length that is cut off', hex: '0a', message: /1 bytes needed, 0 left/ },
  { name: 'a length beyond the end', hex: '0a05', message: /5 bytes needed, 0 left/ },
  { name: 'a length of 4 GiB', hex: '0affffffff0f', message: /4294967295 bytes needed, 0 left/ },
  { name: 'a length of 2^63', hex: '0a80808080808080808001', message: /length is out of range/ },
  { name: 'a message that leaves the one around it', hex: '0a021205000000000000', message: /5 bytes needed, 0 left/ },
  { name: 'a varint without an end', hex: '0affffffffffffffffffff01', message: /varint has more than 10 bytes/ },
  { name: 'field number 0', hex: '0001', message: /tag is out of range/ },
  { name: 'a field number beyond 32 bits', hex: '8a8080808001', message: /tag is out of range/ },
  { name: 'a group', hex: '0b0c', message: /wire type 3 is not known/ },
  { name: 'a wire type that does not exist', hex: '0f', message: /wire type 7 is not known/ },
  { name: 'a fixed64 that is cut off', hex: '790102', message: /8 bytes needed, 2 left/ },
  { name: 'a string that is not UTF-8', hex: '0a031a01ff', message: /string is not valid UTF-8/ },
]) {
  test(`decodeLogs() throws a RangeError for ${name}`, () => {
    assert.throws(() => decodeLogs(Buffer.from(hex, 'hex')), { name: 'RangeError', message });
  });
}

test('decodeLogs() throws a RangeError for values nested deeper than 100, and reads 100', () => {
  let body: AnyValue = 'deep';
  for (let depth = 1; depth < 100; depth++) body = depth % 2 === 0 ? [body] : new Map([['k', body]]);
  const deep = encodeLogsReference(oneRecord({ body }));
  assert.deepEqual(bodyOf(decodeLogs(deep)), body);
  assert.throws(() => decodeLogs(encodeLogsReference(oneRecord({ body: [body] }))), RangeError);
});

test('decodeLogs() keeps "__proto__" as a key like any other', () => {
  const body: AnyValue = new Map<string, AnyValue>([['__proto__', new Map([['polluted', true]])]]);
  assert.deepEqual(bodyOf(decodeLogs(encodeLogsReference(oneRecord({ body })))), body);
});

test('decodeLogs() takes the last value of a key that stands twice', () => {
  const first = attributeBytes('a', 1);
  const second = attributeBytes('a', 2);
  const record = Buffer.concat([first, second]);
  const scopeLogs = Buffer.concat([Buffer.from([0x12, record.length]), record]);
  const resourceLogs = Buffer.concat([Buffer.from([0x12, scopeLogs.length]), scopeLogs]);
  const decoded = decodeLogs(Buffer.concat([Buffer.from([0x0a, resourceLogs.length]), resourceLogs]));
  assert.deepEqual(decoded.resourceLogs[0]?.scopeLogs[0]?.logRecords[0]?.attributes, new Map([['a', 2n]]));
});

/** Field 6 of a LogRecord: a KeyValue with a one-letter key and a small int. */
function attributeBytes(key: string, int: number): Buffer {
  return Buffer.from([0x32, 7, 0x0a, 1, key.charCodeAt(0), 0x12, 2, 0x18, int]);
}

function oneRecord({ body }: { body: AnyValue }): DecodedLogs {
  const none = { attributes: new Map(), droppedAttributesCount: 0 };
  const record = {
    timeUnixNano: 1n,
    observedTimeUnixNano: 2n,
    severityNumber: 9,
    severityText: 'info',
    body,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
    ...none,
  };
  const scopeLogs = [{ scope: { name: '', version: '', ...none }, logRecords: [record], schemaUrl: '' }];
  return { resourceLogs: [{ resource: none, scopeLogs, schemaUrl: '' }] };
}

function bodyOf(decoded: DecodedLogs): AnyValue | undefined {
  return decoded.resourceLogs[0]?.scopeLogs[0]?.logRecords[0]?.body;
}
