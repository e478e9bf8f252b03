import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyTable } from '../../src/core/key-table.ts';
import { RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import { frameLines } from '../../src/framing/newline.ts';
import { RecordUid } from '../../src/pipeline/record-uid.ts';

/** The ids of lines that stand at `offset` of a stream. */
function idsAt(offset: number, input: Buffer | string): (string | undefined)[] {
  const keys = new KeyTable();
  const batch = new RecordBatch(keys, 64);
  batch.reset({ id: '00ff00ff00ff00ff-2', name: 'app.log', resource: new Resource() }, 0);
  const bytes = Buffer.from(input);
  // Something else lies before the input, as in the file source.
  const start = batch.appendText('app.log') + 'app.log'.length;
  batch.appendBytes(bytes, 0, bytes.length);
  batch.inputOffset = offset - start;
  frameLines(batch, start, batch.byteLength, {
    resume: 'line',
    maxRecordBytes: 100,
    maxRecords: 100,
    isFinal: false,
    hasHoles: true,
    offset: 0,
  });
  batch.drop(1);
  new RecordUid(keys).process(batch);
  return Array.from({ length: batch.count }, (_, record) => {
    const row = batch.find(record, keys.internText('log.record.uid'));
    return row === 0 ? undefined : batch.text(batch.attributeStart[row]!, batch.attributeEnd[row]!);
  });
}

const PREFIX = '00ff00ff00ff00ff-2-';

test('RecordUid names the byte at which each live record starts', () => {
  assert.deepEqual(idsAt(0, 'a\ndropped\n\nb\r\nc\n'), [`${PREFIX}0`, undefined, `${PREFIX}11`, `${PREFIX}14`]);
  assert.deepEqual(idsAt(2 ** 53 - 10, 'a\nb\nc\n')[2], `${PREFIX}${2 ** 53 - 6}`);
  assert.deepEqual(idsAt(9, 'a\nb\nc\n').slice(0, 1), [`${PREFIX}9`]);
});

test('RecordUid names the place in the input also where framing has replaced what was no UTF-8', () => {
  const input = Buffer.from([0xff, 0x0a, 0x61, 0x0a, 0xfe, 0x0a]);
  assert.deepEqual(idsAt(100, input), [`${PREFIX}100`, undefined, `${PREFIX}104`]);
});

test('RecordUid names a record that began in the file before by how far before', () => {
  assert.deepEqual(idsAt(-12, 'ten bytes\nb\nc\nd\n'), [`${PREFIX}-12`, undefined, `${PREFIX}0`, `${PREFIX}2`]);
});
