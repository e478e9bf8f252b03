import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { httpStage } from '../../../src/stages/http/index.ts';
import { attributesOf } from '../../harness/batch.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from '../stage-fixture.ts';

test('the example of http holds', () => assertExample(httpStage));

for (const { name, options = {}, object, expected } of [
  {
    name: 'a line of nginx in JSON',
    object: {
      remote_addr: '10.0.0.7',
      request: 'POST /cart?id=7&x=%20 HTTP/2.0',
      status: 201,
      body_bytes_sent: '612',
      http_user_agent: 'curl/8.5.0',
      http_host: 'shop.example.com',
      request_time: 0.5,
    },
    expected: {
      request_time: 0.5,
      'http.request.method': 'POST',
      'url.path': '/cart',
      'url.query': 'id=7&x=%20',
      'network.protocol.version': '2',
      'http.response.status_code': 201,
      'http.response.body.size': 612,
      'server.address': 'shop.example.com',
      'client.address': '10.0.0.7',
      'user_agent.original': 'curl/8.5.0',
    },
  },
  {
    name: 'what pino-http writes, behind flatten',
    object: {
      'req.method': 'GET',
      'req.url': '/health',
      'req.headers.host': 'localhost:3000',
      'req.headers.user-agent': 'kube-probe/1.31',
      'req.remoteAddress': '::1',
      'res.statusCode': 200,
      responseTime: 3,
    },
    expected: {
      responseTime: 3,
      'http.request.method': 'GET',
      'url.path': '/health',
      'http.response.status_code': 200,
      'server.address': 'localhost',
      'server.port': 3000,
      'client.address': '::1',
      'user_agent.original': 'kube-probe/1.31',
    },
  },
  {
    name: 'a whole URL, whose credentials stay here',
    object: { url: 'https://anna:secret@shop.example.com:8443/a/b?c=d#top', method: 'GET' },
    expected: {
      'http.request.method': 'GET',
      'url.full': 'https://REDACTED:REDACTED@shop.example.com:8443/a/b?c=d#top',
      'url.scheme': 'https',
      'server.address': 'shop.example.com',
      'server.port': 8443,
      'url.path': '/a/b',
      'url.query': 'c=d',
      'url.fragment': 'top',
    },
  },
  {
    name: 'a URL with an address of IPv6 and nothing behind it',
    object: { url: 'http://[::1]:80' },
    expected: { 'url.full': 'http://[::1]:80', 'url.scheme': 'http', 'server.address': '::1', 'server.port': 80 },
  },
  {
    name: 'a request to a proxy',
    object: { request: 'GET http://a.example/b HTTP/1.1' },
    expected: {
      'http.request.method': 'GET',
      'url.full': 'http://a.example/b',
      'url.scheme': 'http',
      'server.address': 'a.example',
      'url.path': '/b',
      'network.protocol.version': '1.1',
    },
  },
  {
    name: 'CONNECT',
    object: { request: 'CONNECT a.example:443 HTTP/1.1' },
    expected: {
      'http.request.method': 'CONNECT',
      'server.address': 'a.example',
      'server.port': 443,
      'network.protocol.version': '1.1',
    },
  },
  {
    name: 'OPTIONS *',
    object: { request: 'OPTIONS * HTTP/1.0' },
    expected: { 'http.request.method': 'OPTIONS', 'url.original': '*', 'network.protocol.version': '1.0' },
  },
  {
    name: 'an asterisk in the place of the URL',
    object: { method: 'OPTIONS', url: '*' },
    expected: { 'http.request.method': 'OPTIONS', 'url.original': '*' },
  },
  {
    name: 'a method that HTTP does not know',
    object: { request: 'PROPFIND /a HTTP/1.1' },
    expected: {
      'http.request.method': '_OTHER',
      'http.request.method_original': 'PROPFIND',
      'url.path': '/a',
      'network.protocol.version': '1.1',
    },
  },
  {
    name: 'a method in small letters as another one',
    object: { method: 'get' },
    expected: { 'http.request.method': '_OTHER', 'http.request.method_original': 'get' },
  },
  {
    name: 'the first address that a proxy has set, and that of the proxy',
    options: { forwarded_for: 'xff' },
    object: { xff: ' 203.0.113.9:4711, 10.0.0.1', remote_addr: '10.0.0.1:55' },
    expected: {
      'client.address': '203.0.113.9',
      'client.port': 4711,
      'network.peer.address': '10.0.0.1',
      'network.peer.port': 55,
    },
  },
  {
    name: 'the client where the proxy knows none',
    options: { forwarded_for: 'xff' },
    object: { xff: 'unknown', remote_addr: '[2001:db8::1]:443' },
    expected: { xff: 'unknown', 'client.address': '2001:db8::1', 'client.port': 443 },
  },
  {
    name: 'names of its own',
    options: { status: 'code', keep: true },
    object: { code: '404', status: 'done' },
    expected: { code: '404', status: 'done', 'http.response.status_code': 404 },
  },
  {
    name: 'the query where it stands alone',
    object: { path: '/a', query_string: '?b=c', protocol: 'HTTP/1.1', scheme: 'https' },
    expected: { 'url.path': '/a', 'url.query': 'b=c', 'network.protocol.version': '1.1', 'url.scheme': 'https' },
  },
  {
    name: 'nothing out of dashes, empty texts, objects and zeros',
    object: {
      request: '-',
      method: '',
      url: { a: 1 },
      status: '000',
      body_bytes_sent: '-',
      proto: 'grpc',
      http_host: null,
    },
    expected: {
      request: '-',
      method: '',
      url: { a: 1 },
      status: '000',
      body_bytes_sent: '-',
      proto: 'grpc',
      http_host: null,
    },
  },
]) {
  test(`http reads ${name}`, () => {
    const batch = processObjects(httpStage, options, [JSON.stringify(object), JSON.stringify(object)]);
    assert.deepEqual(batch.failures, []);
    for (const record of [0, 1]) assert.deepEqual(attributesOf(batch, record), expected);
  });
}

for (const { object, reason } of [
  { object: { request: '\u0016\u0003\u0001' }, reason: 'no request of HTTP' },
  { object: { request: 'GET' }, reason: 'no request of HTTP' },
  { object: { method: '/pkg.Service/Call' }, reason: 'no method of HTTP' },
  { object: { url: 'somewhere' }, reason: 'no url of HTTP' },
  { object: { url: 'http://a b/c' }, reason: 'no url of HTTP' },
  { object: { url: 'http:///c' }, reason: 'no url of HTTP' },
  { object: { status: 'done' }, reason: 'no status of HTTP' },
  { object: { status: 99 }, reason: 'no status of HTTP' },
  { object: { body_bytes_sent: 'many' }, reason: 'no size of HTTP' },
  { object: { body_bytes_sent: '99999999999999999999' }, reason: 'no size of HTTP' },
  { object: { http_host: 'a b' }, reason: 'no host of HTTP' },
  { object: { remote_addr: '1.2.3.4:70000' }, reason: 'no client of HTTP' },
  { object: { remote_addr: '[::1' }, reason: 'no client of HTTP' },
]) {
  test(`http leaves ${JSON.stringify(object)} as it is, and says why`, () => {
    const batch = processObjects(httpStage, {}, [JSON.stringify(object)]);
    assert.deepEqual(attributesOf(batch), object);
    assert.deepEqual(batch.failures, [{ record: 0, reason }]);
  });
}

test('http ends on any text, and loses none that it cannot read', () => {
  const piece = fc.constantFrom(
    ...[
      'GET',
      ' ',
      '/',
      '?',
      '#',
      '@',
      ':',
      '//',
      'http',
      'HTTP/1.1',
      '[',
      ']',
      '80',
      'a.b',
      ',',
      '\0',
      'é',
      '-',
      '.0',
    ],
  );
  const text = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''));
  const names = ['request', 'url', 'method', 'status', 'http_host', 'remote_addr', 'xff', 'protocol', 'args', 'scheme'];
  const object = fc.record(Object.fromEntries(names.map((name) => [name, text])), { requiredKeys: [] });
  fc.assert(
    fc.property(fc.array(object, { maxLength: 4 }), (objects) => {
      const lines = objects.map((object) => JSON.stringify(object));
      const batch = processObjects(httpStage, { forwarded_for: 'xff' }, lines);
      for (const [record, object] of objects.entries()) {
        const attributes = attributesOf(batch, record);
        const alone = attributesOf(processObjects(httpStage, { forwarded_for: 'xff' }, [lines[record]!]));
        assert.deepEqual(attributes, alone);
        const isMarked = batch.failures.some((failure) => failure.record === record);
        const isLeft = names.some((name) => name in attributes && !['', '-'].includes(object[name]!));
        assert.ok(!isMarked || isLeft);
      }
    }),
  );
});

test('http leaves dropped records alone', () => {
  const batch = batchOfObjects(['{"status":"200"}', '{"status":"200"}']);
  batch.drop(0);
  buildStage(httpStage, {}, stageContext(batch.keys)).process(batch);
  assert.deepEqual(
    [attributesOf(batch, 0), attributesOf(batch, 1)],
    [{ status: '200' }, { 'http.response.status_code': 200 }],
  );
});

test('http refuses options that it does not have', () => {
  assert.equal(optionErrors(httpStage, { agent: 'a' }).length, 1);
});
