import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyValue, DecodedLogRecord } from '../../../src/codec/otlp/decode-logs.ts';
import { lineText } from '../../harness/checked-line.ts';
import { Oracle, type Taking } from './oracle.ts';

/** A record as it arrives when no stage has read it. */
function record(body: string, ...marks: string[]): DecodedLogRecord {
  const attributes = new Map<string, AnyValue>(marks.length > 0 ? [['pillion.marks', marks]] : []);
  return {
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: '',
    body,
    droppedAttributesCount: 0,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
    attributes,
  };
}

function line(number: number, file = 1): DecodedLogRecord {
  return record(lineText({ log: 'a', file, line: number }));
}

function taken(life: number, atMs = 0, answer: Taking['answer'] = 'sent'): Taking {
  return { life, atMs, answer };
}

/** What the oracle says when `written` lines were written. */
function judged(oracle: Oracle, written: number): { missing: string[]; violations: number } {
  oracle.conclude({ a: written });
  return { missing: oracle.missing({ a: written }), violations: oracle.violations.length };
}

const good = { missing: [], violations: 0 };
const text = lineText({ log: 'a', file: 1, line: 1 });

describe('Oracle finds no fault', () => {
  for (const { name, written, happen } of [
    {
      name: 'when every line comes once, in order',
      written: 3,
      happen: (oracle: Oracle) => oracle.take(taken(1), [line(1), line(2), line(3)]),
    },
    {
      name: 'with lines that a stage has read',
      written: 1,
      happen: (oracle: Oracle) => {
        const read = { ...line(1), attributes: new Map(Object.entries(JSON.parse(text) as Record<string, AnyValue>)) };
        oracle.take(taken(1), [read]);
      },
    },
    {
      name: 'with a repeat whose answer was lost',
      written: 1,
      happen: (oracle: Oracle) => {
        oracle.take(taken(1, 0, 'lost'), [line(1)]);
        oracle.take(taken(1), [line(1)]);
      },
    },
    {
      name: 'with a repeat after a kill, of what was answered just before',
      written: 1,
      happen: (oracle: Oracle) => {
        oracle.take(taken(1, 900), [line(1)]);
        oracle.endLife(1, { isClean: false, atMs: 1000, committedMs: 500, resentRecords: 0 });
        oracle.take(taken(2, 2000), [line(1)]);
      },
    },
    {
      name: 'with a repeat of what stood in the head of a file that was compressed',
      written: 2,
      happen: (oracle: Oracle) => {
        oracle.take(taken(1, 900), [line(1), line(2)]);
        oracle.addCompressedHead({ log: 'a', first: 1, last: 2 });
        oracle.endLife(1, { isClean: true, atMs: 1000, committedMs: 500, resentRecords: 0 });
        oracle.take(taken(2, 2000), [line(1), line(2)]);
      },
    },
    {
      name: 'with an old repeat after a kill, while a line before it still waited',
      written: 2,
      happen: (oracle: Oracle) => {
        oracle.take(taken(1, 100), [line(2)]);
        oracle.endLife(1, { isClean: false, atMs: 1000, committedMs: 500, resentRecords: 0 });
        oracle.take(taken(2, 2000), [line(1), line(2)]);
      },
    },
    {
      name: 'with a line in two parts, over two lives',
      written: 1,
      happen: (oracle: Oracle) => {
        oracle.take(taken(1), [record(text.slice(0, 20), 'unterminated')]);
        oracle.take(taken(2), [record(text.slice(20), 'continuation')]);
      },
    },
    {
      name: 'with a line in three parts',
      written: 1,
      happen: (oracle: Oracle) => {
        oracle.take(taken(1), [record(text.slice(0, 20), 'unterminated')]);
        oracle.take(taken(2), [record(text.slice(20, 50), 'continuation', 'unterminated')]);
        oracle.take(taken(3), [record(text.slice(50), 'continuation')]);
      },
    },
    {
      name: 'with the part that was written of a line',
      written: 1,
      happen: (oracle: Oracle) => {
        oracle.addTorn({ log: 'a', line: 1, text: text.slice(0, 60) });
        oracle.take(taken(1), [record(text.slice(0, 60), 'unterminated')]);
      },
    },
    {
      name: 'with lines that the backend refused',
      written: 3,
      happen: (oracle: Oracle) => oracle.take(taken(1), [line(1), line(2), line(3)], 2),
    },
  ]) {
    test(name, () => {
      const oracle = new Oracle(['a'], 1);
      happen(oracle);
      assert.deepEqual(judged(oracle, written), good);
    });
  }
});

describe('Oracle notices', () => {
  for (const { name, written, happen, missing = [], violations = 1 } of [
    {
      name: 'a lost line',
      written: 3,
      happen: (oracle: Oracle) => oracle.take(taken(1), [line(1), line(3)]),
      missing: ['a/2'],
      violations: 0,
    },
    { name: 'a line that was never written', written: 1, happen: (o: Oracle) => o.take(taken(1), [line(1), line(2)]) },
    {
      name: 'a damaged line',
      written: 1,
      happen: (oracle: Oracle) => oracle.take(taken(1), [record(text.replace('"msg":"', '"msg":"x'))]),
      missing: ['a/1'],
    },
    {
      name: 'two lines that were joined',
      written: 0,
      happen: (oracle: Oracle) => oracle.take(taken(1), [record(text.slice(0, 30) + text)]),
    },
    {
      name: 'a part of a line that is not marked',
      written: 0,
      happen: (oracle: Oracle) => oracle.take(taken(1), [record(text.slice(0, 30))]),
    },
    {
      name: 'the end of a line whose beginning never came',
      written: 0,
      happen: (oracle: Oracle) => oracle.take(taken(1), [record(text.slice(30), 'continuation')]),
    },
    {
      name: 'a beginning that is none',
      written: 0,
      happen: (oracle: Oracle) => oracle.take(taken(1), [record(`${text.slice(0, 60)}?`, 'unterminated')]),
    },
    {
      name: 'a wrong order within a request',
      written: 2,
      happen: (oracle: Oracle) => oracle.take(taken(1), [line(2), line(1)]),
      violations: 2,
    },
    {
      name: 'a wrong order within a life',
      written: 2,
      happen: (oracle: Oracle) => {
        oracle.take(taken(1), [line(2)]);
        oracle.take(taken(1), [line(1)]);
      },
    },
    {
      name: 'a repeat that the agent does not speak of',
      written: 1,
      happen: (oracle: Oracle) => {
        oracle.take(taken(1), [line(1)]);
        oracle.take(taken(1), [line(1)]);
        oracle.endLife(1, { isClean: true, atMs: 1000, committedMs: 500, resentRecords: 0 });
      },
    },
    {
      name: 'a repeat after a life that ended well',
      written: 1,
      happen: (oracle: Oracle) => {
        oracle.take(taken(1, 900), [line(1)]);
        oracle.endLife(1, { isClean: true, atMs: 1000, committedMs: 500, resentRecords: 0 });
        oracle.take(taken(2, 2000), [line(1)]);
      },
    },
    {
      name: 'a repeat of what stood behind the head of a file that was compressed',
      written: 3,
      happen: (oracle: Oracle) => {
        oracle.take(taken(1, 900), [line(1), line(2), line(3)]);
        oracle.addCompressedHead({ log: 'a', first: 1, last: 2 });
        oracle.endLife(1, { isClean: true, atMs: 1000, committedMs: 500, resentRecords: 0 });
        oracle.take(taken(2, 2000), [line(1), line(2), line(3)]);
      },
    },
    {
      name: 'a repeat after a kill, of what must have been in the checkpoint',
      written: 1,
      happen: (oracle: Oracle) => {
        oracle.take(taken(1, 400), [line(1)]);
        oracle.endLife(1, { isClean: false, atMs: 1000, committedMs: 500, resentRecords: 0 });
        oracle.take(taken(2, 2000), [line(1)]);
      },
    },
  ]) {
    test(name, () => {
      const oracle = new Oracle(['a'], 1);
      happen(oracle);
      const found = judged(oracle, written);
      assert.deepEqual(found, { missing, violations }, oracle.violations.join('\n'));
    });
  }
});
