import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RecordBatch, RecordFlag } from '../../../src/core/record-batch.ts';
import { Resource } from '../../../src/core/resource.ts';
import { ValueType } from '../../../src/core/value-type.ts';
import { PrettyFormat } from '../../../src/sinks/console/pretty-format.ts';
import { batchOfModels, recordModel } from '../../harness/arbitrary-batch.ts';
import { batchOf } from '../../harness/batch.ts';

const OBSERVED = '03:04:05.678';

function render(batch: RecordBatch, hasColour = false): string {
  return new PrettyFormat({ hasColour }).render(batch);
}

function add(batch: RecordBatch, key: string, value: string, type: ValueType = ValueType.String): void {
  const keyStart = batch.appendText(key);
  const id = batch.internKey(keyStart, batch.byteLength);
  const start = batch.appendText(value);
  batch.addSpan(0, id, type, start, batch.byteLength);
}

function setSeverity(batch: RecordBatch, severityNumber: number, text = ''): void {
  batch.severityNumber[0] = severityNumber;
  batch.severityStart[0] = batch.appendText(text);
  batch.severityEnd[0] = batch.byteLength;
}

for (const { name, body, change, expected } of [
  { name: 'a body alone, with the time of reading', body: 'hi', expected: `${OBSERVED}       hi\n` },
  {
    name: 'the time of the record in UTC, cut to milliseconds',
    body: 'hi',
    change: (batch) => {
      const nanos = 1_581_452_773_987_999_999n;
      batch.time.set([Number(nanos & 0xffffffffn), Number(nanos >> 32n)]);
    },
    expected: '20:26:13.987       hi\n',
  },
  {
    name: 'the severity by its range',
    body: 'hi',
    change: (batch) => setSeverity(batch, 18, 'crit'),
    expected: `${OBSERVED} ERROR hi\n`,
  },
  {
    name: 'the severity as it stood, where no number is known',
    body: 'hi',
    change: (batch) => setSeverity(batch, 0, 'x\n'),
    expected: `${OBSERVED} x\\n   hi\n`,
  },
  {
    name: 'attributes, quoted only where they must be',
    body: 'hi',
    change: (batch) => {
      add(batch, 'a', 'plain/ü');
      add(batch, 'b', 'two words');
      add(batch, 'c', '');
      add(batch, 'd', 'say "\\"');
      add(batch, 'e', 'x\u001b\ny');
      add(batch, 'f', '12', ValueType.Int);
      add(batch, 'g', '', ValueType.Empty);
      add(batch, 'h i', 'k=v');
    },
    expected: `${OBSERVED}       hi a=plain/ü b="two words" c="" d="say \\"\\\\\\"" e="x\\u001b\\ny" f=12 g=null "h i"="k=v"\n`,
  },
  {
    name: 'nested values as JSON on one line',
    body: 'hi',
    change: (batch) => add(batch, 'a', '{ "b" : [ 1,\n "\u202e" ] }', ValueType.Json),
    expected: `${OBSERVED}       hi a={"b":[1,"\\u202e"]}\n`,
  },
  {
    name: 'the name of the file behind all attributes',
    body: 'hi',
    change: (batch) => {
      add(batch, 'log.file.name', 'app.log');
      add(batch, 'a', 'b');
    },
    expected: `${OBSERVED}       hi a=b app.log\n`,
  },
  {
    name: 'marks',
    body: 'hi',
    change: (batch) => {
      batch.flags[0] = RecordFlag.InvalidUtf8 | RecordFlag.Truncated;
      add(batch, 'a', 'b');
    },
    expected: `${OBSERVED}       hi [truncated invalid_utf8] a=b\n`,
  },
  {
    name: 'a stack trace indented below, attributes on the first line',
    body: 'Error: no\r\n\tat a (b.js:1)\n\n\tat\tc',
    change: (batch) => add(batch, 'a', 'b'),
    expected: `${OBSERVED}       Error: no a=b\n        at a (b.js:1)\n    \n        at\\tc\n`,
  },
  {
    name: 'a record without a body',
    body: '',
    change: (batch) => {
      batch.setBody(0, ValueType.Empty, 0, 0);
      add(batch, 'a', 'b');
    },
    expected: `${OBSERVED}       a=b\n`,
  },
] satisfies { name: string; body: string; change?: (batch: RecordBatch) => void; expected: string }[] as {
  name: string;
  body: string;
  change?: (batch: RecordBatch) => void;
  expected: string;
}[]) {
  test(`PrettyFormat shows ${name}`, () => {
    const batch = batchOf([body]);
    change?.(batch);
    assert.equal(render(batch), expected);
  });
}

test('PrettyFormat leaves out what was dropped', () => {
  const batch = batchOf(['one', 'two', 'three']);
  batch.drop(1);
  assert.equal(render(batch), `${OBSERVED}       one\n${OBSERVED}       three\n`);
});

test('PrettyFormat colours the severity and dims what stands around the body', () => {
  const batch = batchOf(['hi']);
  setSeverity(batch, 17);
  add(batch, 'a', 'b');
  assert.equal(
    render(batch, true),
    `\u001b[2m${OBSERVED}\u001b[0m \u001b[31mERROR\u001b[0m hi \u001b[2ma=b\u001b[0m\n`,
  );
});

const CONTROL = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;

test('PrettyFormat lets no control character of a record through, and no line that could pass for a record', () => {
  fc.assert(
    fc.property(recordModel, (model) => {
      const text = render(batchOfModels([model], new Resource()));
      assert.doesNotMatch(text, CONTROL);
      const [first, ...others] = text.slice(0, -1).split('\n');
      assert.match(first!, /^\d\d:\d\d:\d\d\.\d{3} /);
      for (const line of others) assert.ok(line.startsWith('    '));
    }),
    { numRuns: 500 },
  );
});

test('PrettyFormat lets no control character through, whatever the bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 20 }), (body, value) => {
      const batch = batchOf([body]);
      const start = batch.appendBytes(value, 0, value.length);
      batch.addSpan(0, batch.internKey(start, batch.byteLength), ValueType.String, start, batch.byteLength);
      batch.severityStart[0] = start;
      batch.severityEnd[0] = batch.byteLength;
      assert.doesNotMatch(render(batch), CONTROL);
    }),
    { numRuns: 500 },
  );
});
