import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkOptions } from '../../src/component/check-options.ts';
import { object } from '../../src/component/options.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { checkHttpOptions, createHttpClient } from '../../src/delivery/create-http-client.ts';
import { httpOptions } from '../../src/delivery/http-options.ts';
import { temporaryFolder } from '../harness/files.ts';
import { NEVER } from './fixtures.ts';
import { answering, bodyOf, httpServer, until } from './servers.ts';

interface Asked {
  readonly authorization: string | undefined;
  readonly form: Record<string, string>;
}

const SECRET = 'client secret/+&=';

/** A token endpoint, a backend that says what it was shown, and a client of both. */
async function setUp(context: TestContext, more: Record<string, unknown> = {}) {
  const clock = new FakeClock();
  const asked: Asked[] = [];
  const shown: (string | undefined)[] = [];
  const endpoint = {
    answer: (count: number): readonly [number, unknown] => [
      200,
      { access_token: `token-${count}`, token_type: 'Bearer', expires_in: 600 },
    ],
    status: 200,
    isSilent: false,
  };
  const authority = await httpServer(context, async (request: IncomingMessage, response: ServerResponse) => {
    const form = Object.fromEntries(new URLSearchParams((await bodyOf(request)).toString()));
    asked.push({ authorization: request.headers.authorization, form });
    if (endpoint.isSilent) return;
    const [status, body] = endpoint.answer(asked.length);
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  const backend = await httpServer(context, (request, response) => {
    shown.push(request.headers.authorization);
    answering(endpoint.status)(request, response);
  });
  const secretFile = join(temporaryFolder(context), 'secret');
  writeFileSync(secretFile, `${SECRET}\n`);
  const written = {
    oauth2: { token_url: authority.url, client_id: 'pill:ion', client_secret_file: secretFile, ...more },
  };
  const checked = checkOptions(object(httpOptions), written, []);
  assert.ok(checked.ok);
  const url = new URL(backend.url);
  assert.deepEqual(checkHttpOptions(checked.options, url, 'endpoint'), []);
  const client = createHttpClient(checked.options, {
    url,
    userAgent: 'pillion/1',
    timeoutMs: 5000,
    maxIdleConnections: 1,
    clock,
  });
  context.after(() => client.close());
  const post = async (): Promise<string> => {
    const answer = await client.post(Buffer.from('x'), NEVER);
    return answer.kind === 'no_answer' ? `${answer.error.failure}: ${answer.error.message}` : String(answer.status);
  };
  return { clock, asked, shown, endpoint, client, post, secretFile };
}

test('OAuth2 gets a token by Basic, with scopes and parameters, and sends it with every request', async (t) => {
  const { asked, shown, post } = await setUp(t, { scopes: ['logs.write', 'b'], params: { audience: 'https://b' } });
  assert.deepEqual([await post(), await post()], ['200', '200']);
  assert.deepEqual(shown, ['Bearer token-1', 'Bearer token-1']);
  const basic = Buffer.from(`pill%3Aion:client+secret%2F%2B%26%3D`).toString('base64');
  const form = { grant_type: 'client_credentials', audience: 'https://b', scope: 'logs.write b' };
  assert.deepEqual(asked, [{ authorization: `Basic ${basic}`, form }]);
});

test('OAuth2 shows the client in the body where the server takes no Basic, and remembers that', async (t) => {
  const { clock, asked, shown, endpoint, post } = await setUp(t);
  const { answer } = endpoint;
  endpoint.answer = (count) => (asked.at(-1)?.authorization ? [401, { error: 'invalid_client' }] : answer(count));
  assert.equal(await post(), '200');
  assert.deepEqual(asked[1]?.form, { grant_type: 'client_credentials', client_id: 'pill:ion', client_secret: SECRET });
  await clock.advance(600_000);
  await post();
  assert.equal(asked.length, 3);
  assert.deepEqual(shown, ['Bearer token-2', 'Bearer token-3']);
});

test('OAuth2 replaces a token before it ends, and goes on with the old one meanwhile', async (t) => {
  const { clock, asked, shown, post } = await setUp(t);
  await post();
  await clock.advance(539_999);
  await post();
  assert.equal(asked.length, 1);
  await clock.advance(1);
  await post();
  assert.equal(shown.at(-1), 'Bearer token-1');
  await until(() => asked.length === 2);
  // The answer is on its way: requests take the new token as soon as it is there.
  for (let i = 0; i < 1000 && shown.at(-1) !== 'Bearer token-2'; i++) await post();
  assert.equal(shown.at(-1), 'Bearer token-2');
  assert.equal(asked.length, 2);
});

test('OAuth2 uses a token to its end while no other can be had, and then has none', async (t) => {
  const { clock, asked, endpoint, post } = await setUp(t);
  await post();
  endpoint.answer = () => [503, 'later'];
  await clock.advance(550_000);
  assert.equal(await post(), '200');
  await until(() => asked.length === 2);
  assert.equal(await post(), '200');
  assert.equal(asked.length, 2, 'it is not asked again at once');
  await clock.advance(50_000);
  assert.match(await post(), /^credentials: Cannot deliver to "http:.*": "no token from .* answered 503"$/);
});

test('OAuth2 gets another token when one was refused', async (t) => {
  const { shown, endpoint, post } = await setUp(t);
  await post();
  endpoint.status = 401;
  await post();
  endpoint.status = 200;
  await post();
  assert.deepEqual(shown, ['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
});

test('OAuth2 asks once for all requests that wait', async (t) => {
  const { asked, shown, post } = await setUp(t);
  assert.deepEqual(await Promise.all([post(), post(), post()]), ['200', '200', '200']);
  assert.equal(asked.length, 1);
  assert.deepEqual(new Set(shown), new Set(['Bearer token-1']));
});

test('OAuth2 reads the secret again when the server has refused it', async (t) => {
  const { asked, endpoint, post, secretFile } = await setUp(t);
  const { answer } = endpoint;
  endpoint.answer = (count) => (count <= 2 ? [401, { error: 'invalid_client' }] : answer(count));
  assert.match(await post(), /answered 401, \\?"invalid_client\\?""$/);
  writeFileSync(secretFile, 'renewed');
  assert.equal(await post(), '200');
  assert.equal(asked[2]?.authorization, `Basic ${Buffer.from('pill%3Aion:renewed').toString('base64')}`);
});

test('OAuth2 leaves a request that is stopped while it waits for a token', async (t) => {
  const { asked, endpoint, client } = await setUp(t);
  endpoint.isSilent = true;
  const stop = new AbortController();
  const posted = client.post(Buffer.from('x'), stop.signal);
  await until(() => asked.length === 1);
  stop.abort();
  const answer = await posted;
  assert.equal(answer.kind === 'no_answer' && answer.error.failure, 'aborted');
});

for (const [status, body] of [
  [200, 'no JSON'],
  [200, 'null'],
  [200, { access_token: 'a b' }],
  [200, { access_token: 'abcdef', token_type: 'mac' }],
  [200, { access_token: 7 }],
  [400, { error: 'unauthorized_client', error_description: `say ${SECRET}` }],
  [403, { error: '<script>', access_token: 'abcdef' }],
  [302, ''],
  [500, SECRET],
] as const)
  test(`OAuth2 has no token after ${status} ${JSON.stringify(body)}, and its error shows no secret`, async (t) => {
    const { endpoint, post } = await setUp(t);
    endpoint.answer = () => [status, body];
    const message = await post();
    assert.match(message, /^credentials: Cannot deliver to "http:.*": "no token from /);
    for (const secret of [SECRET, 'abcdef', 'script']) assert.ok(!message.includes(secret), message);
  });
