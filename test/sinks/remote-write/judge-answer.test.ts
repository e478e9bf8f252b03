import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError, type ConnectionFailure, type HttpAnswer } from '../../../src/delivery/http-answer.ts';
import { judgeWriteAnswer } from '../../../src/sinks/remote-write/judge-answer.ts';

const conceal = (text: string): string => text.replaceAll('hunter2', '[secret]');
const CONTEXT = { target: '"peer"', version: 'v2', mayFallBack: true, conceal, unixMs: 0 } as const;
const WRITTEN = { 'x-prometheus-remote-write-histograms-written': '0' };

function answer(status: number, headers: Record<string, string> = {}, body = ''): HttpAnswer {
  return { kind: 'answer', status, headers, body: Buffer.from(body), isWhole: true };
}

function failure(failure: ConnectionFailure): HttpAnswer {
  return { kind: 'no_answer', error: new ConnectionError({ failure, message: failure, mayHaveArrived: true }) };
}

for (const { name, given, context = {}, expected } of [
  { name: '200 with what was written', given: answer(200, WRITTEN), expected: 'delivered' },
  { name: '204 without it, to version 2.0', given: answer(204), expected: 'other_form' },
  {
    name: '204 without it, where 2.0 is known to be understood',
    given: answer(204),
    context: { mayFallBack: false },
    expected: 'delivered',
  },
  { name: '204 to version 1.0', given: answer(204), context: { version: 'v1' as const }, expected: 'delivered' },
  { name: '200 with a body, whatever is in it', given: answer(200, WRITTEN, '{"error":"x"}'), expected: 'delivered' },
  { name: '415 to version 2.0', given: answer(415), expected: 'other_form' },
  {
    name: '415 to version 1.0',
    given: answer(415),
    context: { version: 'v1' as const },
    expected: 'rejected http_415',
  },
  {
    name: '415 where a version is chosen',
    given: answer(415),
    context: { mayFallBack: false },
    expected: 'rejected http_415',
  },
  { name: '400, a partial write', given: answer(400, WRITTEN), expected: 'rejected http_400' },
  { name: '429 with a wait', given: answer(429, { 'retry-after': '3' }), expected: 'retryable after 3000' },
  { name: '500', given: answer(500), expected: 'retryable' },
  { name: '599', given: answer(599), expected: 'retryable' },
  { name: 'a status that there is not', given: answer(999), expected: 'rejected http_999' },
  { name: 'a redirect', given: answer(307), expected: 'rejected http_307' },
  {
    name: '200 with too large a body',
    given: { kind: 'response_too_large', status: 200 } as const,
    expected: 'delivered',
  },
  {
    name: '400 with too large a body',
    given: { kind: 'response_too_large', status: 400 } as const,
    expected: 'rejected http_400',
  },
  {
    name: '503 with too large a body',
    given: { kind: 'response_too_large', status: 503 } as const,
    expected: 'retryable',
  },
  { name: 'no answer in time', given: failure('timeout'), expected: 'retryable, slow' },
  { name: 'a connection that was gone', given: failure('stale'), expected: 'retryable, stale' },
  { name: 'no address', given: failure('dns'), expected: 'retryable' },
]) {
  test(`judgeWriteAnswer() takes ${name} for ${expected}`, () => {
    const result = judgeWriteAnswer(given, { ...CONTEXT, ...context });
    const words: string[] = [result.status];
    if (result.status === 'rejected') words.push(` ${result.reason}`);
    if (result.status === 'retryable') {
      if (result.retryAfterMs !== undefined) words.push(` after ${result.retryAfterMs}`);
      if (result.hint !== undefined) words.push(`, ${result.hint}`);
    }
    assert.equal(words.join(''), expected);
  });
}

test('judgeWriteAnswer() says what the receiver says, without secrets', () => {
  const result = judgeWriteAnswer(answer(401, {}, 'unknown password hunter2'), CONTEXT);
  assert.ok(result.status === 'rejected');
  assert.equal(result.error.message, 'Cannot deliver to "peer": answered 401, "unknown password [secret]"');
});
