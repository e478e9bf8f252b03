import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentReport } from '../../src/agent/agent-report.ts';
import { formatStatus } from '../../src/commands/format-status.ts';
import type { StreamReport } from '../../src/ledger/ledger-report.ts';

function stream(path: string, size: number, offset: number, more: Partial<StreamReport> = {}): StreamReport {
  const route = { pipeline: 'logs', dropped: {}, rejected: {}, in_flight: 0, abandoned: 0, unaccounted: 0 };
  return {
    source: 'app',
    stream: '00',
    path,
    size,
    offset,
    committed_offset: offset,
    lag_seconds: 0,
    bytes: { seen: size, read: offset, skipped: {}, gone: {}, unread: size - offset, unaccounted: 0 },
    gone_unknown: 0,
    records: 10,
    routes: [
      { ...route, sink: 'backend', framed: 10, delivered: 9 },
      { ...route, sink: 'other', framed: 10, delivered: 10 },
    ],
    ...more,
  };
}

const REPORT: AgentReport = {
  version: '0.1.0',
  uptime_seconds: 7300,
  state: 'running',
  since_start: {
    readRecords: 0,
    readBytes: 0,
    unreadBytes: 0,
    droppedRecords: 0,
    deliveredRecords: 0,
    rejectedRecords: 0,
    abandonedRecords: 0,
    resentRecords: 0,
    deliveredPoints: 0,
    droppedPoints: 0,
    rejectedPoints: 0,
    abandonedPoints: 0,
    answeredScrapes: 0,
  },
  sinks: [
    {
      sink: 'backend',
      state: 'retrying',
      error: 'connect ECONNREFUSED',
      retrying_seconds: 130,
      requests: { delivered: 1000, retryable: 7 },
      delivered: 12_345,
      rejected: { bad_data: 3 },
      resent: 100,
      in_flight: 400,
      abandoned: 0,
    },
  ],
  streams: [stream('/logs/a.log', 100, 100), stream('/logs/b\u001b.log', 5000, 3000, { lag_seconds: 12.3 })],
  finished: [{ ...stream('', 0, 0), streams: 1200 }],
};

test('formatStatus() shows files and sinks, those with most to do first', () => {
  assert.equal(
    formatStatus(REPORT),
    `pillion 0.1.0, running, up for 2 h

FILE                  SIZE     READ  DELIVERED   UNREAD    LAG
/logs/b\\u001b.log  4.9 KiB  2.9 KiB          9  2.0 KiB   12 s
/logs/a.log          100 B    100 B          9      0 B  0.0 s
1,200 files are finished

SINK     STATE               REQUESTS  DELIVERED  IN FLIGHT  RESENT  REJECTED
backend  retrying for 2 min     1,007     12,345        400     100         3
backend rejected: bad_data 3
backend: connect ECONNREFUSED

The ledger adds up.
`,
  );
});

test('formatStatus() says what is gone, and when the ledger does not add up', () => {
  const gone = stream('/logs/c.log', 10, 10);
  const lost: StreamReport = {
    ...gone,
    gone_unknown: 2,
    bytes: { ...gone.bytes, gone: { truncated: 2048 }, unaccounted: -5 },
  };
  assert.match(
    formatStatus({ ...REPORT, streams: [lost] }),
    /\nThe ledger does not add up: 5 bytes and 0 records are unexplained, please report it; 2\.0 KiB are gone before they could be read; 2 times something was lost whose size nobody knows\.\n$/,
  );
});

test('formatStatus() shows who reads a file where several do, counts no file twice, and adds no losses up', () => {
  const lost = (source: string, deleted: number): StreamReport => {
    const one = stream('/logs/c.log', 10, 10, { source });
    return { ...one, bytes: { ...one.bytes, gone: { deleted } } };
  };
  const finished = ['app/near', 'app/far', 'pipe'].map((source, i) => ({
    ...stream('', 0, 0),
    source,
    streams: 3 + i,
  }));
  const text = formatStatus({ ...REPORT, streams: [lost('app/near', 2048), lost('app/far', 1024)], finished });
  assert.match(text, /^FILE .* LAG {2}SOURCE\n/m);
  assert.match(text, /^\/logs\/c\.log .* app\/near\n\/logs\/c\.log .* app\/far\n8 files are finished\n/m);
  const losses = [
    '2.0 KiB are gone before they could be read for app/near',
    '1.0 KiB are gone before they could be read for app/far',
  ];
  assert.ok(text.endsWith(`The ledger adds up; ${losses.join('; ')}.\n`));
});

test('formatStatus() shows some of many files, and counts the others', () => {
  const streams = Array.from({ length: 50 }, (_, i) => stream(`/logs/${i}.log`, 100, i));
  const text = formatStatus({ ...REPORT, streams });
  assert.match(text, /\n\/logs\/0\.log /);
  assert.doesNotMatch(text, /\/logs\/20\.log/);
  assert.match(text, /\nand 30 more files\n/);
});
