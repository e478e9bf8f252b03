import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOptions } from '../../../src/component/check-options.ts';
import { signalUrl } from '../../../src/sinks/otlp/endpoint.ts';
import { otlpSink } from '../../../src/sinks/otlp/index.ts';

/** Everything that is wrong with the options, as `path: message (hint)`. */
function problems(written: Record<string, unknown>): string[] {
  const checked = checkOptions(otlpSink.options, written, []);
  const errors = checked.ok ? (otlpSink.check?.(checked.options) ?? []) : checked.errors;
  return errors.map(({ path, message, hint }) => `${path.join('.')}: ${message} (${hint})`);
}

for (const { endpoint, logs_endpoint, expected } of [
  { endpoint: 'http://localhost:4318', expected: 'http://localhost:4318/v1/logs' },
  { endpoint: 'http://localhost:4318/', expected: 'http://localhost:4318/v1/logs' },
  { endpoint: 'http://c:4318/x/', expected: 'http://c:4318/x/v1/logs' },
  { endpoint: 'https://c/x?key=1', expected: 'https://c/x/v1/logs?key=1' },
  { endpoint: 'http://[::1]:4318', expected: 'http://[::1]:4318/v1/logs' },
  { endpoint: 'http://c:4318', logs_endpoint: 'https://d/otlp/', expected: 'https://d/otlp/' },
  { endpoint: 'http://c:4318', logs_endpoint: 'http://d:4318', expected: 'http://d:4318/' },
]) {
  test(`signalUrl() makes ${expected} of ${logs_endpoint ?? endpoint}`, () => {
    assert.equal(signalUrl({ endpoint, logs_endpoint }, 'logs').href, expected);
  });
}

for (const { name, written, expected } of [
  { name: 'nothing with no options at all', written: {}, expected: [] },
  {
    name: 'nothing with a whole set of options',
    written: {
      endpoint: 'https://c:4318',
      protocol: 'http/json',
      compression: 'zstd',
      headers: { authorization: 'Bearer x' },
      timeout: '3s',
      max_request_size: '4MiB',
      retry: { initial_interval: '1s' },
      tls: { server_name: 'c' },
    },
    expected: [],
  },
  {
    name: 'a missing scheme',
    written: { endpoint: 'collector:4318' },
    expected: [
      'endpoint: Cannot use "collector:4318" for "endpoint": expected a URL that starts with http:// or https:// (Write it with its scheme: "http://collector:4318")',
    ],
  },
  {
    name: 'a scheme of gRPC',
    written: { endpoint: 'grpc://collector:4317' },
    expected: [
      'endpoint: Cannot use "grpc://collector:4317" for "endpoint": expected a URL that starts with http:// or https:// (This sink speaks OTLP over HTTP, usually on port 4318)',
    ],
  },
  {
    name: 'what is no URL',
    written: { endpoint: 'http://' },
    expected: [
      'endpoint: Cannot use "http://" for "endpoint": expected a URL that starts with http:// or https:// (Write it as in "http://collector:4318")',
    ],
  },
  {
    name: "the signal's path in a base URL",
    written: { endpoint: 'http://c:4318/v1/logs' },
    expected: [
      'endpoint: Cannot use "http://c:4318/v1/logs" for "endpoint": the path "/v1/logs" is appended to it (Write "http://c:4318", or use "logs_endpoint" for a URL that is used as it is)',
    ],
  },
  { name: 'nothing with the path in logs_endpoint', written: { logs_endpoint: 'http://c:4318/v1/logs' }, expected: [] },
  {
    name: 'a password in a URL, without saying it',
    written: { logs_endpoint: 'http://me:secret@c:4318/?token=secret' },
    expected: [
      'logs_endpoint: Cannot use "http://…@c:4318/" for "logs_endpoint": it holds a user name or password (Use "basic_auth", with the password in a file)',
    ],
  },
  {
    name: 'a password in what is no URL, without saying it',
    written: { endpoint: 'me:secret@c:4318' },
    expected: [
      'endpoint: Cannot use "…@c:4318" for "endpoint": expected a URL that starts with http:// or https:// (Write it with its scheme: "http://…@c:4318")',
    ],
  },
  {
    name: 'headers that cannot be sent, without saying their values',
    written: { headers: { 'Content-Length': '5', 'bad name': 'x', authorization: 'Bearer secret\n', fine: 'x' } },
    expected: [
      'headers.Content-Length: Cannot set header "Content-Length": the agent sets it (Remove it)',
      'headers.bad name: Cannot send header "bad name": not a valid name (Use letters, digits and hyphens)',
      'headers.authorization: Cannot send header "authorization": its value holds a character that is not allowed (Look for a line break)',
    ],
  },
  {
    name: 'TLS options for a connection without TLS',
    written: { endpoint: 'http://c:4318', tls: { server_name: 'c' } },
    expected: [
      'tls: Cannot use "tls" with an endpoint that starts with http:// (Write the endpoint with https://, or remove "tls")',
    ],
  },
  {
    name: 'a certificate without a key, and a file that is missing',
    written: { endpoint: 'https://c:4318', tls: { cert_file: '/no/such/file' } },
    expected: [
      'tls.key_file: Cannot use "cert_file" without "key_file" (A client certificate needs both)',
      'tls.cert_file: Cannot use "/no/such/file" for "cert_file": ENOENT: no such file or directory, open \'/no/such/file\' (It must be a PEM file that the agent can read)',
    ],
  },
  {
    name: 'a token file that is missing',
    written: { bearer_token_file: '/no/such/token' },
    expected: [
      'bearer_token_file: Cannot use "/no/such/token" for "bearer_token_file": ENOENT: no such file or directory, open \'/no/such/token\' (It must be a file that the agent can read, with the token alone in it)',
    ],
  },
  {
    name: 'a token file beside a header that says the same',
    written: { headers: { Authorization: 'Bearer x' }, bearer_token_file: '/no/such/token' },
    expected: [
      'bearer_token_file: Cannot use "bearer_token_file" beside a header "authorization": they are the same (Remove one of them)',
    ],
  },
  {
    name: 'a word for on_refused that is none',
    written: { on_refused: 'retry' },
    expected: ['on_refused: Cannot use "retry" for "on_refused": expected one of hold, drop (undefined)'],
  },
  {
    name: 'a misspelt key inside retry',
    written: { retry: { initial_intervall: '1s' } },
    expected: ['retry.initial_intervall: Unknown key "initial_intervall" (Did you mean "initial_interval"?)'],
  },
]) {
  test(`otlpSink.check() finds ${name}`, () => assert.deepEqual(problems(written), expected));
}
