import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError, type HttpAnswer } from '../../../src/delivery/http-answer.ts';
import { judgeAnswer } from '../../../src/sinks/otlp/answer.ts';
import { protobufStatus, protobufSuccess } from './messages.ts';

const UNIX_MS = Date.UTC(2026, 7, 30, 12, 0, 0);
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json; charset=utf-8';

/** An answer; `type` is its Content-Type. */
function answerOf(status: number, body: string | Buffer = '', headers: Record<string, string> = {}): HttpAnswer {
  return { kind: 'answer', status, headers, body: Buffer.from(body), isWhole: true };
}

const conceal = (text: string): string => text;

/** The verdict in one line. */
function judge(
  answer: HttpAnswer,
  { encoding = 'protobuf', onRefused = 'hold' }: { encoding?: 'protobuf' | 'json'; onRefused?: 'hold' | 'drop' } = {},
): string {
  const context = { target: '"peer"', encoding, onRefused, conceal, unixMs: UNIX_MS };
  const { result, isUnreadable, isRetryAfterCapped } = judgeAnswer(answer, context);
  const remarks = `${isUnreadable ? ', unreadable' : ''}${isRetryAfterCapped ? ', capped' : ''}`;
  switch (result.status) {
    case 'delivered':
      return `delivered, ${result.rejectedRecords} rejected${result.message === undefined ? '' : `: ${result.message}`}${remarks}`;
    case 'retryable': {
      const { retryAfterMs, hint, poisonReason, mayHaveArrived } = result;
      const parts = [retryAfterMs === undefined ? '' : ` after ${retryAfterMs} ms`, hint && `, ${hint}`];
      if (poisonReason !== undefined) parts.push(`, later ${poisonReason}`);
      if (!mayHaveArrived) parts.push(', not arrived');
      return `retryable${parts.join('')}${remarks}`;
    }
    case 'refused':
      return `refused ${result.reason}`;
    case 'too_large':
    case 'other_form':
    case 'bad_data':
      return result.status;
    case 'rejected':
      return `rejected ${result.reason}`;
  }
}

/** The message of the error. */
function messageOf(answer: HttpAnswer): string {
  const context = { target: '"peer"', encoding: 'protobuf', onRefused: 'hold', conceal, unixMs: UNIX_MS } as const;
  const { result } = judgeAnswer(answer, context);
  return result.status === 'delivered' ? '' : result.error.message;
}

const html = '<html><body>It works!</body></html>';

for (const { name, answer, encoding, onRefused, expected } of [
  { name: '200 without a body', answer: answerOf(200), expected: 'delivered, 0 rejected' },
  { name: '202', answer: answerOf(202), expected: 'delivered, 0 rejected' },
  { name: '204', answer: answerOf(204), expected: 'delivered, 0 rejected' },
  {
    name: '200 with an empty JSON message',
    answer: answerOf(200, '{}', { 'content-type': JSON_TYPE }),
    expected: 'delivered, 0 rejected',
  },
  {
    name: '200 with HTML',
    answer: answerOf(200, html, { 'content-type': 'text/html' }),
    expected: 'delivered, 0 rejected, unreadable',
  },
  {
    name: '200 with JSON that ends early',
    answer: answerOf(200, '{"partial', { 'content-type': JSON_TYPE }),
    expected: 'delivered, 0 rejected, unreadable',
  },
  {
    name: '200 with a cut protobuf message',
    answer: answerOf(200, protobufSuccess(3, 'no').subarray(0, -1)),
    expected: 'delivered, 0 rejected, unreadable',
  },
  {
    name: '200 whose body was cut off',
    answer: { ...answerOf(200), isWhole: false } as HttpAnswer,
    expected: 'delivered, 0 rejected, unreadable',
  },
  {
    name: '200 with a huge body',
    answer: answerOf(200, `{"x":"${'y'.repeat(70_000)}"}`, { 'content-type': JSON_TYPE }),
    expected: 'delivered, 0 rejected, unreadable',
  },
  {
    name: 'a partial success in protobuf',
    answer: answerOf(200, protobufSuccess(3, 'no\n'), { 'content-type': PROTOBUF }),
    expected: 'delivered, 3 rejected: "no\\n"',
  },
  {
    name: 'a partial success with a negative count',
    answer: answerOf(200, protobufSuccess(-2, '')),
    expected: 'delivered, -2 rejected',
  },
  {
    name: 'a warning',
    answer: answerOf(200, protobufSuccess(0, 'slow down')),
    expected: 'delivered, 0 rejected: "slow down"',
  },
  {
    name: 'a partial success in JSON',
    answer: answerOf(200, '{"partialSuccess":{"rejectedLogRecords":"7","errorMessage":"no"}}', {
      'content-type': JSON_TYPE,
    }),
    expected: 'delivered, 7 rejected: "no"',
  },
  {
    name: 'a partial success in JSON with a number and unknown fields',
    answer: answerOf(200, '{"x":1,"partialSuccess":{"rejectedLogRecords":7,"y":[]}}'),
    encoding: 'json',
    expected: 'delivered, 7 rejected',
  },
  {
    name: 'a JSON message with null for nothing',
    answer: answerOf(200, '{"partialSuccess":null}'),
    encoding: 'json',
    expected: 'delivered, 0 rejected',
  },
  {
    name: 'a count that is none',
    answer: answerOf(200, '{"partialSuccess":{"rejectedLogRecords":"many"}}'),
    encoding: 'json',
    expected: 'delivered, 0 rejected, unreadable',
  },
  { name: 'a JSON list', answer: answerOf(200, '[]'), encoding: 'json', expected: 'delivered, 0 rejected, unreadable' },
  { name: '429', answer: answerOf(429), expected: 'retryable' },
  { name: '502', answer: answerOf(502, html), expected: 'retryable' },
  { name: '503', answer: answerOf(503), expected: 'retryable' },
  { name: '504', answer: answerOf(504), expected: 'retryable' },
  { name: '408', answer: answerOf(408), expected: 'retryable' },
  { name: '425', answer: answerOf(425), expected: 'retryable' },
  {
    name: '503 whose body was cut off',
    answer: { ...answerOf(503), isWhole: false } as HttpAnswer,
    expected: 'retryable',
  },
  {
    name: '429 with Retry-After in seconds',
    answer: answerOf(429, '', { 'retry-after': '5' }),
    expected: 'retryable after 5000 ms',
  },
  {
    name: '503 with Retry-After as a date, by a clock that is a day behind',
    answer: answerOf(503, '', {
      'retry-after': 'Sat, 29 Aug 2026 12:00:07 GMT',
      date: 'Sat, 29 Aug 2026 12:00:00 GMT',
    }),
    expected: 'retryable after 7000 ms',
  },
  {
    name: '429 with Retry-After of ten years',
    answer: answerOf(429, '', { 'retry-after': '315360000' }),
    expected: 'retryable after 3600000 ms, capped',
  },
  {
    name: '429 with a Retry-After that is none',
    answer: answerOf(429, '', { 'retry-after': 'soon' }),
    expected: 'retryable',
  },
  { name: '413', answer: answerOf(413), expected: 'too_large' },
  { name: '413 with Retry-After', answer: answerOf(413, '', { 'retry-after': '5' }), expected: 'too_large' },
  { name: '400', answer: answerOf(400), expected: 'bad_data' },
  { name: '422', answer: answerOf(422), expected: 'bad_data' },
  {
    name: 'a body over the limit',
    answer: { kind: 'response_too_large', status: 200 } as HttpAnswer,
    expected: 'rejected response_too_large',
  },
  {
    name: '401 with a body over the limit',
    answer: { kind: 'response_too_large', status: 401 } as HttpAnswer,
    expected: 'refused http_401',
  },
  ...[301, 302, 304, 307, 308, 401, 403, 404, 405, 407, 415, 421, 426].flatMap((status) => [
    { name: String(status), answer: answerOf(status), expected: `refused http_${status}` },
    {
      name: `${status} with on_refused: drop`,
      answer: answerOf(status),
      onRefused: 'drop',
      expected: `rejected http_${status}`,
    },
  ]),
  ...[500, 520, 525, 530].map((status) => ({
    name: String(status),
    answer: answerOf(status, '', { 'retry-after': '5' }),
    expected: `retryable after 5000 ms, later http_${status}`,
  })),
  ...[402, 406, 409, 410, 411, 414, 418, 431, 451, 501, 505, 507, 511, 519, 531, 599].map((status) => ({
    name: String(status),
    answer: answerOf(status, '', { 'retry-after': '5' }),
    expected: `rejected http_${status}`,
  })),
  ...(
    [
      ['refused', 'retryable, not arrived'],
      ['unreachable', 'retryable, not arrived'],
      ['reset', 'retryable, not arrived'],
      ['protocol', 'retryable, not arrived'],
      ['local', 'retryable, not arrived'],
      ['timeout', 'retryable, slow, not arrived'],
      ['stale', 'retryable, stale, not arrived'],
      ['dns', 'refused dns'],
      ['tls', 'refused tls'],
      ['credentials', 'refused credentials'],
      ['proxy', 'refused proxy'],
    ] as const
  ).map(([failure, expected]) => ({
    name: `no answer (${failure})`,
    answer: {
      kind: 'no_answer',
      error: new ConnectionError({ failure, message: '', mayHaveArrived: false }),
    } as HttpAnswer,
    expected,
  })),
] as { name: string; answer: HttpAnswer; encoding?: 'json'; onRefused?: 'drop'; expected: string }[]) {
  test(`judgeAnswer() calls ${name} '${expected}'`, () =>
    assert.equal(judge(answer, { ...(encoding && { encoding }), ...(onRefused && { onRefused }) }), expected));
}

for (const { name, answer, expected } of [
  { name: 'the status', answer: answerOf(400), expected: 'Cannot deliver to "peer": answered 400' },
  {
    name: 'the message of a protobuf Status',
    answer: answerOf(400, protobufStatus('bad\u001b[31m'), { 'content-type': PROTOBUF }),
    expected: 'Cannot deliver to "peer": answered 400, "bad\\u001b[31m"',
  },
  {
    name: 'the message of a JSON Status',
    answer: answerOf(503, '{"code":14,"message":"busy"}', { 'content-type': JSON_TYPE }),
    expected: 'Cannot deliver to "peer": answered 503, "busy"',
  },
  {
    name: 'plain text',
    answer: answerOf(404, '404 page not found\n', { 'content-type': 'text/plain; charset=utf-8' }),
    expected: 'Cannot deliver to "peer": answered 404, "404 page not found"',
  },
  {
    name: 'nothing of HTML',
    answer: answerOf(502, html, { 'content-type': 'text/html' }),
    expected: 'Cannot deliver to "peer": answered 502',
  },
  {
    name: 'no more than 200 characters',
    answer: answerOf(400, 'x'.repeat(5000), { 'content-type': 'text/plain' }),
    expected: `Cannot deliver to "peer": answered 400, "${'x'.repeat(200)}…"`,
  },
  {
    name: 'only the origin of a redirect',
    answer: answerOf(302, '', { location: 'https://user:password@login.example/path?key=1' }),
    expected: 'Cannot deliver to "peer": answered 302, a redirect to "https://login.example", which is not followed',
  },
  {
    name: 'a redirect on the same origin',
    answer: answerOf(308, '', { location: '/v2/logs' }),
    expected: 'Cannot deliver to "peer": answered 308, a redirect',
  },
  {
    name: 'the status of a body over the limit',
    answer: { kind: 'response_too_large', status: 503 } as HttpAnswer,
    expected: 'Cannot deliver to "peer": answered 503 with too large a body',
  },
]) {
  test(`judgeAnswer() says in its error ${name}`, () => assert.equal(messageOf(answer), expected));
}
