import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { KeyTable, LOCAL_KEY_BASE } from '../../src/core/key-table.ts';
import { ARENA_SLACK, NO_SPAN, RecordBatch, RecordFlag } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import { ValueType } from '../../src/core/value-type.ts';
import { batchOfModels, recordModel } from '../harness/arbitrary-batch.ts';
import { attributesOf, batchOf, OBSERVED_UNIX_MS, plainRecord } from '../harness/batch.ts';

const STREAM = { id: 'a', name: 'a.log', resource: new Resource() };

function keyOf(batch: RecordBatch, text: string): number {
  const start = batch.appendText(text);
  return batch.internKey(start, batch.byteLength);
}

function add(batch: RecordBatch, record: number, key: string, value: string): number {
  const id = keyOf(batch, key);
  const start = batch.appendText(value);
  return batch.addSpan(record, id, ValueType.String, start, batch.byteLength);
}

describe('RecordBatch records', () => {
  test('addRecord() makes a record with a body and nothing else, also where another one was', () => {
    const batch = batchOf(['old']);
    batch.time.fill(7);
    for (const column of [batch.severityNumber, batch.severityStart, batch.traceId, batch.spanId, batch.traceFlags]) {
      column.fill(7);
    }
    add(batch, 0, 'a', 'b');
    batch.setBody(0, ValueType.Empty, 0, 0);
    batch.drop(0);
    batch.reset(STREAM, 5);
    assert.deepEqual([batch.count, batch.byteLength, batch.attributeCount], [0, 0, 1]);
    const start = batch.appendText('new');
    assert.equal(batch.addRecord(start, batch.byteLength, RecordFlag.Truncated), 0);
    assert.deepEqual(plainRecord(batch, 0), {
      body: 'new',
      attributes: {},
      timeUnixNano: 0n,
      severityNumber: 0,
      severityText: '',
      traceId: '',
      spanId: '',
      flags: RecordFlag.Truncated,
    });
    assert.deepEqual([batch.traceId[0], batch.spanId[0], batch.traceFlags[0]], [NO_SPAN, NO_SPAN, 0]);
    assert.equal(batch.observedUnixMs, 5);
    assert.equal(batch.stream, STREAM);
  });

  test('drop() takes the record out and keeps its other flags; fail() marks it and leaves it in', () => {
    const batch = batchOf(['a', 'b', 'c']);
    batch.fail(0, 'x');
    batch.drop(0);
    batch.fail(1, 'x');
    assert.deepEqual(
      [0, 1, 2].map((record) => batch.isLive(record)),
      [false, true, true],
    );
    assert.deepEqual(
      [...batch.flags.subarray(0, 3)],
      [RecordFlag.Dropped | RecordFlag.ParseFailed, RecordFlag.ParseFailed, 0],
    );
  });
});

describe('RecordBatch arena', () => {
  test('appendText() writes UTF-8 and replaces lone surrogates', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.oneof(fc.constant('\ud800'), fc.string({ unit: 'binary' })) })),
        (texts) => {
          const batch = new RecordBatch(new KeyTable(), 16);
          const spans = texts.map((text) => [batch.appendText(text), batch.byteLength] as const);
          for (const [i, [start, end]] of spans.entries())
            assert.equal(batch.text(start, end), texts[i]!.toWellFormed());
        },
      ),
    );
  });

  test('keeps room to read a word behind the used part, however much is reserved and appended', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100)), (lengths) => {
        const batch = new RecordBatch(new KeyTable(), 16);
        for (const length of lengths) {
          batch.reserve(length);
          batch.byteLength += length;
          assert.ok(batch.bytes.length >= batch.byteLength + ARENA_SLACK);
          assert.equal(batch.view.buffer, batch.bytes.buffer);
          assert.equal(batch.view.byteLength, batch.bytes.length);
        }
      }),
    );
  });

  test('appendBytes() takes bytes of its own arena, also when that grows meanwhile', () => {
    const batch = new RecordBatch(new KeyTable(), 16);
    batch.appendText('0123456789');
    for (let i = 0; i < 8; i++) batch.appendBytes(batch.bytes, 0, batch.byteLength);
    assert.equal(batch.text(0, batch.byteLength), '0123456789'.repeat(256));
  });

  test('reset() gives back an arena that has grown far, and keeps one that has not', () => {
    const batch = new RecordBatch(new KeyTable(), 1024);
    batch.appendText('x'.repeat(100_000));
    batch.reset(STREAM, 0);
    const { bytes } = batch;
    assert.ok(bytes.length < 4096);
    batch.appendText('x'.repeat(300));
    batch.reset(STREAM, 0);
    assert.equal(batch.bytes, bytes);
  });
});

describe('RecordBatch keys', () => {
  test('internKey() gives a key that the full table does not know an id of the batch', () => {
    const batch = batchOf(['a'], new KeyTable(1));
    const known = keyOf(batch, 'known');
    const local = keyOf(batch, 'local');
    assert.equal(known, 0);
    assert.equal(local, LOCAL_KEY_BASE);
    assert.equal(keyOf(batch, 'local'), local);
    assert.equal(keyOf(batch, 'known'), known);
    assert.notEqual(keyOf(batch, 'other'), local);
    assert.equal(batch.keyText(local), 'local');
    assert.deepEqual(batch.keyBytes(local), Buffer.from('local'));
    assert.equal(batch.keyText(known), 'known');
  });

  test('internKey() keeps every key readable, however many the table has no room for', () => {
    const batch = batchOf(['a'], new KeyTable(0));
    for (let i = 0; i < 100; i++) add(batch, 0, `key-${i}`, String(i));
    const expected = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key-${i}`, String(i)]));
    assert.deepEqual(attributesOf(batch), expected);
  });

  test('internKey() forgets its own keys when the batch is reset', () => {
    const batch = batchOf(['a'], new KeyTable(0));
    keyOf(batch, 'first');
    batch.reset(STREAM, 0);
    assert.equal(batch.keyText(keyOf(batch, 'second')), 'second');
  });
});

describe('RecordBatch attributes', () => {
  test('find(), remove() and setSpan() say so when the record has no such attribute', () => {
    const batch = batchOf(['a', 'b']);
    add(batch, 0, 'k', '1');
    const key = keyOf(batch, 'k');
    assert.equal(batch.find(1, key), 0);
    assert.equal(batch.remove(1, key), 0);
    batch.setSpan(1, key, ValueType.True, 0, 0);
    assert.deepEqual(attributesOf(batch, 1), { k: true });
    assert.deepEqual(attributesOf(batch, 0), { k: '1' });
  });

  test('remove() returns the row, whose value can still be read', () => {
    const batch = batchOf(['a']);
    const row = add(batch, 0, 'k', 'value');
    assert.equal(batch.remove(0, keyOf(batch, 'k')), row);
    assert.equal(batch.text(batch.attributeStart[row]!, batch.attributeEnd[row]!), 'value');
  });

  test('addSpans() adds the spans that are not empty, as addSpan() does', () => {
    const batch = batchOf(['abc', 'd']);
    const keys = Int32Array.from(['x', 'y', 'z'], (name) => batch.keys.internText(name));
    const types = Uint8Array.from(keys, () => ValueType.String);
    for (const [record, spans] of [
      [0, [0, 1, 5, 5, 2, 3]],
      [1, [0, 0, 9, 0, 0, 0]],
      [0, [0, 0, 1, 2, 0, 0]],
    ] as const) {
      batch.addSpans(record, keys, types, Int32Array.from(spans), 1);
    }
    add(batch, 0, 'k', '1');
    for (let i = 0; i < 10_000; i++) batch.addSpans(1, keys, types, Int32Array.of(0, 0, 0, 1, 0, 0), 1);
    assert.deepEqual(Object.entries(attributesOf(batch, 0)), [
      ['x', 'a'],
      ['z', 'c'],
      ['y', 'b'],
      ['k', '1'],
    ]);
    assert.deepEqual(attributesOf(batch, 1), { y: 'a' });
  });

  test("addRow() and linkRows() add attributes as addSpan() does, and rows that are not linked are nobody's", () => {
    const batch = batchOf(['abc', 'd']);
    add(batch, 1, 'k', '1');
    const first = batch.attributeCount;
    batch.linkRows(0, first);
    assert.deepEqual(attributesOf(batch, 0), {});
    for (const name of ['x', 'y']) batch.addRow(keyOf(batch, name), ValueType.String, 0, 1);
    batch.attributeCount = first;
    for (let i = 0; i < 10_000; i++) batch.addRow(keyOf(batch, `z${i % 3}`), ValueType.String, 1, 2);
    batch.linkRows(1, first);
    add(batch, 1, 'last', '2');
    const names: string[] = [];
    for (let row = batch.firstAttribute[1]!; row !== 0; row = batch.attributeNext[row]!) {
      names.push(batch.keyText(batch.attributeKey[row]!));
    }
    assert.deepEqual([names.length, ...names.slice(0, 3), names.at(-1)], [10_002, 'k', 'z0', 'z1', 'last']);
    assert.deepEqual(attributesOf(batch, 0), {});
  });

  test('addSpanToAll() adds a value to each record behind its others, through growth', () => {
    const batch = batchOf(Array.from({ length: 5000 }, () => 'body'));
    add(batch, 1, 'own', '1');
    const [start, end] = [batch.appendText('app.log'), batch.byteLength];
    for (const name of ['file', 'path']) {
      batch.addSpanToAll(batch.keys.internText(name), ValueType.String, start, end);
    }
    add(batch, 2, 'last', '2');
    const both = { file: 'app.log', path: 'app.log' };
    for (const record of [0, 4999]) assert.deepEqual(attributesOf(batch, record), both);
    assert.deepEqual(Object.entries(attributesOf(batch, 1)), Object.entries({ own: '1', ...both }));
    assert.deepEqual(Object.entries(attributesOf(batch, 2)), Object.entries({ ...both, last: '2' }));
  });

  test('clearRecords() takes all records out and keeps the bytes', () => {
    const batch = batchOf(['old', 'old']);
    add(batch, 1, 'a', 'b');
    batch.time[3] = batch.severityNumber[1] = batch.traceId[1] = batch.traceFlags[1] = 7;
    const { byteLength } = batch;
    batch.clearRecords();
    assert.deepEqual([batch.count, batch.attributeCount, batch.byteLength], [0, 1, byteLength]);
    for (let i = 0; i < 2; i++) batch.addRecord(0, 3);
    assert.deepEqual(plainRecord(batch, 1), plainRecord(batchOf(['old']), 0));
  });

  test('columns grow and keep what they hold', () => {
    const batch = new RecordBatch(new KeyTable(), 64);
    batch.reset(STREAM, 0);
    const count = 5000;
    for (let i = 0; i < count; i++) {
      const start = batch.appendText(`body-${i}`);
      const record = batch.addRecord(start, batch.byteLength, i % 2);
      batch.time[2 * record] = i;
      batch.time[2 * record + 1] = i + 1;
      batch.severityNumber[record] = i % 25;
      batch.traceId[record] = i;
      for (let attribute = 0; attribute < 4; attribute++) add(batch, record, `k${attribute}`, `${i}-${attribute}`);
    }
    for (let i = 0; i < count; i++) {
      assert.equal(batch.text(batch.bodyStart[i]!, batch.bodyEnd[i]!), `body-${i}`);
      assert.deepEqual(
        [
          batch.flags[i],
          batch.time[2 * i],
          batch.time[2 * i + 1],
          batch.severityNumber[i],
          batch.traceId[i],
          batch.spanId[i],
        ],
        [i % 2, i, i + 1, i % 25, i, NO_SPAN],
      );
      assert.deepEqual(attributesOf(batch, i), { k0: `${i}-0`, k1: `${i}-1`, k2: `${i}-2`, k3: `${i}-3` });
    }
  });
});

describe('RecordBatch copyFrom()', () => {
  test('copies every column, and shares nothing with the original', () => {
    const keys = new KeyTable(1);
    const original = batchOf(['first', 'second'], keys);
    add(original, 0, 'known', '1');
    add(original, 0, 'local', '2');
    original.time.set([1, 2, 3, 4]);
    original.severityNumber[1] = 9;
    const severity = original.appendText('INFO');
    original.severityStart[1] = severity;
    original.severityEnd[1] = original.byteLength;
    original.traceId[1] = 0;
    original.spanId[1] = 1;
    original.traceFlags[1] = 1;
    original.drop(0);
    const expected = [plainRecord(original, 0), plainRecord(original, 1)];

    const copy = new RecordBatch(keys, 16);
    copy.copyFrom(original);
    original.reset(STREAM, 0);
    original.appendText('x'.repeat(100));
    assert.deepEqual([plainRecord(copy, 0), plainRecord(copy, 1)], expected);
    assert.equal(copy.count, 2);
    assert.equal(copy.traceFlags[1], 1);
    assert.equal(copy.observedUnixMs, OBSERVED_UNIX_MS);
    assert.equal(copy.stream.id, 'test');
  });

  test('copies a batch that is larger than any column', () => {
    const original = batchOf(Array.from({ length: 3000 }, (_, i) => `body-${i}`));
    for (let record = 0; record < 3000; record++) {
      for (let i = 0; i < 4; i++) add(original, record, `k${i}`, 'v');
    }
    const copy = new RecordBatch(original.keys, 16);
    copy.copyFrom(original);
    for (let record = 0; record < 3000; record++) {
      assert.deepEqual(plainRecord(copy, record), plainRecord(original, record));
    }
  });

  test('throws for a batch with another key table', () => {
    const copy = new RecordBatch(new KeyTable(), 16);
    assert.throws(() => copy.copyFrom(batchOf(['a'])), { message: 'Cannot copy batch: key tables differ' });
  });
});

describe('RecordBatch pack()', () => {
  /** What another thread makes of the batch: its own keys have other numbers. */
  function sentTo(copy: RecordBatch, original: RecordBatch): RecordBatch {
    const keys = Array.from({ length: original.keys.count }, (_, key) => copy.keys.internText(original.keys.text(key)));
    const columns = Buffer.from(new SharedArrayBuffer(original.packedBytes));
    const arena = Buffer.from(new SharedArrayBuffer(original.bytes.length));
    original.bytes.copy(arena);
    copy.unpack({ arena, columns }, original.pack(columns), { ...STREAM, id: 'there' }, keys);
    return copy;
  }

  function recordsOf(batch: RecordBatch) {
    return Array.from({ length: batch.count }, (_, record) => plainRecord(batch, record));
  }

  test('takes any batch to another key table, in as much memory as it says', () => {
    fc.assert(
      fc.property(fc.array(recordModel, { maxLength: 8 }), (models) => {
        const original = batchOfModels(models, new Resource());
        const expected = recordsOf(original);
        const there = new RecordBatch(new KeyTable(), 16);
        there.keys.internText('of another table');
        sentTo(there, original);
        original.bytes.fill(0);
        original.reset(STREAM, 0);
        assert.deepEqual(recordsOf(there), expected);
        assert.deepEqual([there.stream.id, there.observedUnixMs], ['there', OBSERVED_UNIX_MS]);
      }),
    );
  });

  test('takes batches that are larger than any column, one after another', () => {
    const there = new RecordBatch(new KeyTable(), 16);
    for (const count of [3000, 1, 0, 5000]) {
      const original = batchOf(Array.from({ length: count }, (_, i) => `body-${i}`));
      original.inputOffset = 7;
      for (let record = 0; record < count; record++) add(original, record, `k${record % 5}`, 'v');
      sentTo(there, original);
      assert.deepEqual(recordsOf(there), recordsOf(original));
      assert.deepEqual([there.inputOffset, there.byteLength], [7, original.byteLength]);
    }
  });

  test('takes keys along that the table has no room for', () => {
    const original = batchOf(['a'], new KeyTable(1));
    add(original, 0, 'known', '1');
    add(original, 0, 'local', '2');
    assert.deepEqual(attributesOf(sentTo(new RecordBatch(new KeyTable(), 16), original)), { known: '1', local: '2' });
  });
});

/** A batch as lists and texts. */
type Model = { body: string; isLive: boolean; hasFailed: boolean; attributes: [key: string, value: string][] }[];

/** One change of a batch and of its model; numbers stand for a record, modulo the count. */
type Change = (batch: RecordBatch, model: Model) => void;

// More keys than the table holds, and fewer than a batch looks through.
const keyText = fc.constantFrom('a', 'b', 'level', 'message', 'nested.key', 'ключ', '', 'x'.repeat(40));
const text = fc.string({ unit: 'grapheme', maxLength: 30 });

/** A change of one record; none when the batch is empty. */
function onRecord(number: number, change: (batch: RecordBatch, record: number, model: Model[number]) => void): Change {
  return (batch, model) => {
    if (model.length > 0) change(batch, number % model.length, model[number % model.length]!);
  };
}

const change: fc.Arbitrary<Change> = fc.oneof(
  text.map(
    (body): Change =>
      (batch, model) => {
        const start = batch.appendText(body);
        assert.equal(batch.addRecord(start, batch.byteLength), model.length);
        model.push({ body, isLive: true, hasFailed: false, attributes: [] });
      },
  ),
  fc.tuple(fc.nat(), keyText, text).map(([number, key, value]) =>
    onRecord(number, (batch, record, model) => {
      add(batch, record, key, value);
      model.attributes.push([key, value]);
    }),
  ),
  fc.tuple(fc.nat(), keyText, text).map(([number, key, value]) =>
    onRecord(number, (batch, record, model) => {
      const id = keyOf(batch, key);
      batch.setSpan(record, id, ValueType.String, batch.appendText(value), batch.byteLength);
      const found = model.attributes.find(([other]) => other === key);
      if (found === undefined) model.attributes.push([key, value]);
      else found[1] = value;
    }),
  ),
  fc.tuple(fc.nat(), keyText).map(([number, key]) =>
    onRecord(number, (batch, record, model) => {
      const at = model.attributes.findIndex(([other]) => other === key);
      assert.equal(batch.remove(record, keyOf(batch, key)) !== 0, at >= 0);
      if (at >= 0) model.attributes.splice(at, 1);
    }),
  ),
  fc.tuple(fc.nat(), fc.array(fc.tuple(keyText, text), { maxLength: 3 })).map(([number, attributes]) =>
    onRecord(number, (batch, record) => {
      const last = batch.lastAttribute[record]!;
      for (const [key, value] of attributes) add(batch, record, key, value);
      batch.truncateAttributes(record, last);
    }),
  ),
  fc.tuple(fc.nat(), text).map(([number, body]) =>
    onRecord(number, (batch, record, model) => {
      batch.setBody(record, ValueType.String, batch.appendText(body), batch.byteLength);
      model.body = body;
    }),
  ),
  fc.nat().map((number) =>
    onRecord(number, (batch, record, model) => {
      batch.drop(record);
      model.isLive = false;
    }),
  ),
  fc.nat().map((number) =>
    onRecord(number, (batch, record, model) => {
      batch.fail(record, 'x');
      model.hasFailed = true;
    }),
  ),
);

function assertSame(batch: RecordBatch, model: Model): void {
  assert.equal(batch.count, model.length);
  for (const [record, { body, isLive, hasFailed, attributes }] of model.entries()) {
    assert.equal(batch.text(batch.bodyStart[record]!, batch.bodyEnd[record]!), body);
    assert.equal(batch.isLive(record), isLive);
    assert.equal((batch.flags[record]! & RecordFlag.ParseFailed) !== 0, hasFailed);
    const found: [string, string][] = [];
    let last = 0;
    for (let row = batch.firstAttribute[record]!; row !== 0; row = batch.attributeNext[row]!) {
      const value = batch.text(batch.attributeStart[row]!, batch.attributeEnd[row]!);
      found.push([batch.keyText(batch.attributeKey[row]!), value]);
      last = row;
    }
    assert.deepEqual(found, attributes);
    assert.equal(batch.lastAttribute[record], last);
  }
}

test('RecordBatch does what arrays of maps do, through growth, copies and reset', () => {
  const history = fc.array(change, { maxLength: 60, size: 'max' });
  fc.assert(
    fc.property(history, history, history, (first, second, third) => {
      const keys = new KeyTable(3);
      const model: Model = [];
      const batch = new RecordBatch(keys, 16);
      batch.reset(STREAM, 0);
      for (const change of first) change(batch, model);
      assertSame(batch, model);

      const copy = new RecordBatch(keys, 16);
      copy.copyFrom(batch);
      const copiedModel = structuredClone(model);
      for (const change of second) change(copy, copiedModel);
      assertSame(copy, copiedModel);
      assertSame(batch, model);

      batch.reset(STREAM, 0);
      const secondModel: Model = [];
      for (const change of third) change(batch, secondModel);
      assertSame(batch, secondModel);
      assertSame(copy, copiedModel);
    }),
    { numRuns: 300 },
  );
});
