import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { LogsRequestEncoder } from '../../src/codec/otlp/logs-request.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { RecordBatch, RecordFlag } from '../../src/core/record-batch.ts';
import { frameLines } from '../../src/framing/newline.ts';
import { JsonStage } from '../../src/stages/json/json-stage.ts';
import { OBSERVED_UNIX_MS, plainRecord } from '../harness/batch.ts';
import { decodeLogsReference } from '../harness/otlp-reference.ts';

/** Pieces of what is no UTF-8, of what is, and of what JSON makes of both. */
const piece = fc.constantFrom(
  ...['a', 'é', '€', '😀', '"', '\\', '{', '}', ':', ',', String.raw`\ud83d`, String.raw`\ude00`].map((text) =>
    Buffer.from(text),
  ),
  ...[
    [0x80],
    [0xbf],
    [0xc0, 0xaf],
    [0xc1],
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f],
    [0xf4, 0x90, 0x80, 0x80],
    [0xff],
  ].map((bytes) => Buffer.from(bytes)),
);
const broken = fc.array(piece, { maxLength: 6 }).map((pieces) => Buffer.concat(pieces));
const quoted = broken.map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x22)));
const object = fc
  .tuple(quoted, quoted)
  .map(([key, value]) => Buffer.concat([Buffer.from('{"k'), key, Buffer.from('":"'), value, Buffer.from('"}')]));

test('LIN-09 whatever bytes bodies, keys and values hold, every request decodes and other records stay as they are', () => {
  const whatwg = new TextDecoder('utf-8', { ignoreBOM: true });
  fc.assert(
    fc.property(fc.array(fc.oneof(broken, object), { maxLength: 5 }), (lines) => {
      const input = Buffer.concat([
        Buffer.from('{"before":1}\n'),
        ...lines.flatMap((line) => [line, Buffer.of(10)]),
        Buffer.from('{"behind":2}\n'),
      ]);
      const keys = new KeyTable();
      const batch = new RecordBatch(keys);
      batch.reset({ ...batch.stream, name: 'app.log' }, OBSERVED_UNIX_MS);
      batch.appendBytes(input, 0, input.length);
      const limits = { maxRecordBytes: 1000, maxRecords: 1000, isFinal: false, hasHoles: true, offset: 0 };
      frameLines(batch, 0, input.length, { ...limits, resume: 'line' });
      const bodies = Array.from({ length: batch.count }, (_, record) => plainRecord(batch, record).body);
      const expected = lines.filter(({ length }) => length > 0);
      assert.deepEqual(
        bodies.slice(1, -1),
        expected.map((line) => whatwg.decode(line)),
      );
      for (const [index, line] of expected.entries()) {
        assert.equal((batch.flags[index + 1]! & RecordFlag.InvalidUtf8) !== 0, !isUtf8(line));
      }

      new JsonStage().process(batch);
      const encoder = new LogsRequestEncoder({ scopeName: '', scopeVersion: '' });
      for (let record = 0; record < batch.count; record++) encoder.append(batch, record);
      const request = encoder.body(0, batch.count);
      const records = decodeLogsReference(request).resourceLogs[0]!.scopeLogs[0]!.logRecords;
      assert.deepEqual(
        records.map(({ body }) => body),
        bodies,
      );
      assert.deepEqual(records[0]!.attributes, new Map([['before', 1n]]));
      assert.deepEqual(records.at(-1)!.attributes, new Map([['behind', 2n]]));
      for (let row = 1; row < batch.attributeCount; row++) {
        const value = batch.bytes.subarray(batch.attributeStart[row], batch.attributeEnd[row]);
        assert.ok(isUtf8(value) && isUtf8(batch.keyBytes(batch.attributeKey[row]!)), 'an attribute is not UTF-8');
      }
    }),
    { numRuns: 400 },
  );
});
