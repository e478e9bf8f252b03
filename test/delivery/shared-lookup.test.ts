import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { HttpClient } from '../../src/delivery/http-client.ts';
import { sharedLookup } from '../../src/delivery/shared-lookup.ts';
import { NEVER, settled } from './fixtures.ts';
import { answering, httpServer, until } from './servers.ts';

type Callback = Parameters<LookupFunction>[2];

test('ANS-21 sharedLookup() asks once for all who want the same at the same time, and again afterwards', () => {
  const asked: { host: string; callback: Callback }[] = [];
  const lookup = sharedLookup((host, _options, callback) => asked.push({ host, callback }));
  const heard: unknown[] = [];
  const listen: Callback = (error, address) => heard.push(error?.message ?? address);
  for (const host of ['a', 'a', 'b']) lookup(host, { all: true }, listen);
  lookup('a', { all: false }, listen);
  assert.deepEqual(
    asked.map(({ host }) => host),
    ['a', 'b', 'a'],
  );
  asked[0]?.callback(null, '127.0.0.1');
  assert.deepEqual(heard, ['127.0.0.1', '127.0.0.1']);
  lookup('a', { all: true }, listen);
  assert.equal(asked.length, 4);
  asked[3]?.callback(new Error('no such name'), '');
  assert.deepEqual(heard.slice(2), ['no such name']);
});

test('ANS-21 HttpClient starts one look-up, however many requests give up waiting for it', async (context) => {
  const server = await httpServer(context, answering(200));
  const clock = new FakeClock();
  const asked: Callback[] = [];
  const lookup = sharedLookup((_host, _options, callback) => asked.push(callback));
  const url = new URL(`http://collector.example:${server.port}/v1/logs`);
  const client = new HttpClient({ url, headers: {}, timeoutMs: 10_000, maxIdleConnections: 4, lookup, clock });
  context.after(() => client.close());
  const post = () => client.post(Buffer.from('a request'), NEVER);
  for (let attempt = 0; attempt < 5; attempt++) {
    const pending = [post(), post(), post()];
    await until(() => asked.length > 0);
    await settled();
    await clock.advance(10_000);
    for (const answer of await Promise.all(pending)) {
      assert.ok(answer.kind === 'no_answer');
      assert.deepEqual([answer.error.failure, answer.error.mayHaveArrived], ['dns', false]);
      assert.match(answer.error.message, /name not resolved \(no address within 10000 ms\)$/);
    }
  }
  assert.equal(asked.length, 1);

  // The address of a moment later: nothing is remembered.
  asked[0]?.(Object.assign(new Error('time-out'), { code: 'EAI_AGAIN' }), '');
  const pending = post();
  await until(() => asked.length === 2);
  asked[1]?.(null, [{ address: '127.0.0.1', family: 4 }]);
  const answer = await pending;
  assert.equal(answer.kind === 'answer' && answer.status, 200);
});
