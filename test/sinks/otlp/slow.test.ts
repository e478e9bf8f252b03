import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemClock } from '../../../src/core/clock.ts';
import { ledger, NEVER } from '../../delivery/fixtures.ts';
import { httpServer, until } from '../../delivery/servers.ts';
import { answers, recordsOf, sinkOf, write } from './fixtures.ts';

test('BPR-06 otlpSink takes one answer in 5 s, without a time-out', async (context) => {
  let waiting = 0;
  const server = await httpServer(context, async (request, response) => {
    await recordsOf(request);
    waiting++;
    await own.clock.sleep(5000);
    response.end();
  });
  const own = sinkOf(context, { endpoint: `http://127.0.0.1:${server.port}`, max_request_records: 1 });
  const watched = write(own.sink, ['a', 'b', 'c', 'd', 'e', 'f']);
  const flushed = own.sink.flush(NEVER);
  for (const round of [1, 2]) {
    await until(() => waiting === 3 * round);
    await own.clock.advance(5000);
    await until(() => answers(own.metrics) === 3 * round);
  }
  await flushed;
  assert.deepEqual([watched.outcome, ledger(own.metrics)], ['delivered', { delivered: 6 }]);
});

test('BPR-06 otlpSink moves on with a receiver that needs longer for a whole request than one may take', async (context) => {
  const clock = new SystemClock();
  const taken = new Set<unknown>();
  const server = await httpServer(context, async (request, response) => {
    const records = await recordsOf(request);
    // 1 MiB a second: in 100 ms a tenth of the request.
    await clock.sleep(Number(request.headers['content-length']) / 1048);
    for (const record of records) taken.add(record);
    response.end();
  });
  const own = sinkOf(
    context,
    {
      endpoint: `http://127.0.0.1:${server.port}`,
      compression: 'none',
      timeout: '100ms',
      retry: { initial_interval: '10ms', max_interval: '10ms' },
    },
    clock,
  );
  const lines = Array.from({ length: 400 }, (_, i) => `${i} `.padEnd(1000, '.'));
  const watched = write(own.sink, lines);
  await own.sink.flush(NEVER);
  assert.deepEqual([watched.outcome, taken.size], ['delivered', 400]);
  assert.equal(ledger(own.metrics)['delivered'], 400);
});

test('ANS-15 otlpSink counts each time that the records were taken and the answer was lost', async (context) => {
  const taken: unknown[][] = [];
  const server = await httpServer(context, async (request, response) => {
    taken.push(await recordsOf(request));
    if (taken.length < 3) request.socket.destroy();
    else response.end();
  });
  const own = sinkOf(context, { endpoint: `http://127.0.0.1:${server.port}` });
  write(own.sink, ['a', 'b']);
  const flushed = own.sink.flush(NEVER);
  for (const attempt of [1, 2]) {
    await until(() => answers(own.metrics) === attempt);
    await own.clock.advance(2000);
  }
  await flushed;
  assert.deepEqual(taken, Array(3).fill(['a', 'b']));
  assert.deepEqual(ledger(own.metrics), { delivered: 2, resent: 4 });
});
