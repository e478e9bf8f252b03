import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clfStage } from '../../../src/stages/clf/index.ts';
import { attributesOf, plainRecord } from '../../harness/batch.ts';
import { cpuMsOf } from '../../harness/cpu-time.ts';
import { assertExample, optionErrors, processObjects, processTexts } from '../stage-fixture.ts';

test('the example of clf holds', () => assertExample(clfStage));

/** What a line says, with short names. */
function read(line: string, options: unknown = {}): Record<string, unknown> {
  const batch = processTexts(clfStage, options, [line]);
  assert.deepEqual(batch.failures, []);
  const { body, attributes, severityNumber } = plainRecord(batch, 0);
  assert.deepEqual([body, severityNumber], [line, 0]);
  return attributes;
}

const HEAD = '1.2.3.4 - - [02/Jan/2026:03:04:05 +0000]';
const TAIL = '200 612';
const client = { 'client.address': '1.2.3.4' };
const answer = { 'http.response.status_code': 200, 'http.response.body.size': 612 };
const get = { 'http.request.method': 'GET', 'network.protocol.version': '1.1' };

for (const { name, line, options, expected } of [
  {
    name: 'the common format',
    line: `${HEAD} "GET /a/b?c=d&e HTTP/1.1" ${TAIL}`,
    expected: { ...client, ...get, 'url.path': '/a/b', 'url.query': 'c=d&e', ...answer },
  },
  {
    name: 'the combined format',
    line: `${HEAD} "GET / HTTP/1.1" ${TAIL} "https://a.b/" "curl/8 (x y)"`,
    expected: {
      ...client,
      ...get,
      'url.path': '/',
      ...answer,
      'http.request.header.referer': ['https://a.b/'],
      'user_agent.original': 'curl/8 (x y)',
    },
  },
  {
    name: 'no attribute where a dash stands',
    line: '- - - [02/Jan/2026:03:04:05 +0000] "-" - - "-" "-"',
    expected: {},
  },
  {
    name: 'more fields into the attribute that is named',
    line: `${HEAD} "GET / HTTP/1.1" ${TAIL} "-" "x" "10.0.0.1" 0.003`,
    options: { rest: 'rest' },
    expected: {
      ...client,
      ...get,
      'url.path': '/',
      ...answer,
      'user_agent.original': 'x',
      rest: '"10.0.0.1" 0.003',
    },
  },
  {
    name: 'nothing behind the size where the format is common',
    line: `${HEAD} "GET / HTTP/1.1" ${TAIL} "-" "x"`,
    options: { rest: 'rest', format: 'common' },
    expected: { ...client, ...get, 'url.path': '/', ...answer, rest: '"-" "x"' },
  },
  {
    name: 'a referer without a user agent',
    line: `${HEAD} "GET / HTTP/1.1" ${TAIL} "r"`,
    expected: { ...client, ...get, 'url.path': '/', ...answer, 'http.request.header.referer': ['r'] },
  },
  {
    name: 'a dash without quotes for a referer',
    line: `${HEAD} "GET / HTTP/1.1" ${TAIL} - "x" 13`,
    expected: { ...client, ...get, 'url.path': '/', ...answer, 'user_agent.original': 'x' },
  },
  {
    name: 'a user, also one with a blank',
    line: `::1 - John Doe [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" ${TAIL}`,
    expected: { 'client.address': '::1', 'user.name': 'John Doe', ...get, 'url.path': '/', ...answer },
  },
  {
    name: 'a virtual host and its port',
    line: `a.example:443 1.2.3.4 - anna [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" ${TAIL}`,
    expected: {
      'server.address': 'a.example',
      'server.port': 443,
      ...client,
      'user.name': 'anna',
      ...get,
      'url.path': '/',
      ...answer,
    },
  },
  {
    name: 'a virtual host alone',
    line: `a.example 1.2.3.4 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" ${TAIL}`,
    expected: { 'server.address': 'a.example', ...client, ...get, 'url.path': '/', ...answer },
  },
  {
    name: 'HTTP/2.0 as 2',
    line: `${HEAD} "POST /x HTTP/2.0" 201 0`,
    expected: {
      ...client,
      'http.request.method': 'POST',
      'url.path': '/x',
      'network.protocol.version': '2',
      'http.response.status_code': 201,
      'http.response.body.size': 0,
    },
  },
  {
    name: 'HTTP/2 and HTTP/1.0 as they are',
    line: `${HEAD} "GET /x HTTP/1.0" 200 - "-" "HTTP/2"`,
    expected: {
      ...client,
      'http.request.method': 'GET',
      'url.path': '/x',
      'network.protocol.version': '1.0',
      'http.response.status_code': 200,
      'user_agent.original': 'HTTP/2',
    },
  },
  {
    name: 'a request of HTTP/0.9',
    line: `${HEAD} "GET /x" 200 5`,
    expected: {
      ...client,
      'http.request.method': 'GET',
      'url.path': '/x',
      'http.response.status_code': 200,
      'http.response.body.size': 5,
    },
  },
  {
    name: 'a method that HTTP does not know',
    line: `${HEAD} "PROPFIND /x HTTP/1.1" ${TAIL}`,
    expected: {
      ...client,
      'http.request.method': '_OTHER',
      'http.request.method_original': 'PROPFIND',
      'url.path': '/x',
      'network.protocol.version': '1.1',
      ...answer,
    },
  },
  {
    name: 'a target with a blank',
    line: `${HEAD} "GET /a b?c d HTTP/1.1" ${TAIL}`,
    expected: { ...client, ...get, 'url.path': '/a b', 'url.query': 'c d', ...answer },
  },
  {
    name: 'a question mark without a query, and one in a query',
    line: `${HEAD} "GET /a? HTTP/1.1" ${TAIL} "?" "/?"`,
    expected: {
      ...client,
      ...get,
      'url.path': '/a',
      ...answer,
      'http.request.header.referer': ['?'],
      'user_agent.original': '/?',
    },
  },
  {
    name: 'a whole URL',
    line: `${HEAD} "GET http://a.example/p?q HTTP/1.1" ${TAIL}`,
    expected: {
      ...client,
      ...get,
      'url.full': 'http://a.example/p?q',
      'url.path': '/p',
      'url.query': 'q',
      ...answer,
    },
  },
  {
    name: 'no whole URL that has credentials in it',
    line: `${HEAD} "GET http://u:p@a.example/p HTTP/1.1" ${TAIL}`,
    expected: { ...client, ...get, 'url.path': '/p', ...answer },
  },
  {
    name: 'a target that is neither',
    line: `${HEAD} "CONNECT a.example:443 HTTP/1.1" ${TAIL}`,
    expected: {
      ...client,
      'http.request.method': 'CONNECT',
      'url.original': 'a.example:443',
      'network.protocol.version': '1.1',
      ...answer,
    },
  },
  {
    name: 'bytes of TLS as they were written',
    line: String.raw`${HEAD} "\x16\x03\x01\x00\xEE" 400 157 "-" "-"`,
    expected: {
      ...client,
      'clf.request': String.raw`\x16\x03\x01\x00\xEE`,
      'http.response.status_code': 400,
      'http.response.body.size': 157,
    },
  },
  {
    name: 'words that are no request',
    line: `${HEAD} "t3 12.1.2" 400 0`,
    expected: {
      ...client,
      'clf.request': 't3 12.1.2',
      'http.response.status_code': 400,
      'http.response.body.size': 0,
    },
  },
  {
    name: 'an empty request and a status of 000',
    line: `${HEAD} "" 000 0`,
    expected: { ...client, 'http.response.body.size': 0 },
  },
  {
    name: 'the escapes of nginx and Apache',
    line: String.raw`${HEAD} "GET /\xd0\x96?a=\"b\" HTTP/1.1" ${TAIL} "https://a/\x22\t" "\\ \" \q"`,
    expected: {
      ...client,
      ...get,
      'url.path': '/Ж',
      'url.query': 'a="b"',
      ...answer,
      'http.request.header.referer': ['https://a/"\t'],
      'user_agent.original': String.raw`\ " \q`,
    },
  },
  {
    name: 'a target whose form is escaped',
    line: String.raw`${HEAD} "GET \x2fa?b HTTP/1.1" ${TAIL}`,
    expected: { ...client, ...get, 'url.path': '/a', 'url.query': 'b', ...answer },
  },
  {
    name: 'escapes that are no UTF-8 as they were written',
    line: String.raw`${HEAD} "GET /\xff?a HTTP/1.1" ${TAIL} "\xff" "\xd0"`,
    expected: {
      ...client,
      ...get,
      'url.path': String.raw`/\xff`,
      'url.query': 'a',
      ...answer,
      'http.request.header.referer': [String.raw`\xff`],
      'user_agent.original': String.raw`\xd0`,
    },
  },
  {
    name: 'quotes that are not escaped, within a word',
    line: `${HEAD} "GET /a"b HTTP/1.1" ${TAIL} "-" "x"y"`,
    expected: { ...client, ...get, 'url.path': '/a"b', ...answer, 'user_agent.original': 'x"y' },
  },
  {
    name: 'a size with zeros before it',
    line: `${HEAD} "GET / HTTP/1.1" 200 0012`,
    expected: { ...client, ...get, 'url.path': '/', 'http.response.status_code': 200, 'http.response.body.size': 12 },
  },
]) {
  test(`clf reads ${name}`, () => assert.deepEqual(read(line, options), expected));
}

for (const { written, expected } of [
  { written: '25/Oct/2016:14:49:33 +0200', expected: '2016-10-25T12:49:33.000Z' },
  { written: '31/Dec/1999:23:59:60 -0330', expected: '2000-01-01T03:30:00.000Z' },
  { written: '2026-01-02T03:04:05.678+01:00', expected: '2026-01-02T02:04:05.678Z' },
]) {
  test(`clf reads the time ${written}`, () => {
    const line = `1.2.3.4 - - [${written}] "GET / HTTP/1.1" 200 0`;
    const batch = processTexts(clfStage, {}, [line, line.replace('1.2.3.4', '1.2.3.45'), line]);
    assert.deepEqual(batch.failures, []);
    for (let i = 0; i < 3; i++) {
      const ms = Number(plainRecord(batch, i).timeUnixNano / 1_000_000n);
      assert.equal(new Date(ms).toISOString(), expected);
    }
  });
}

for (const { name, line, options, why } of [
  { name: 'nothing', line: '', why: 'no client, user and time in brackets' },
  { name: 'blanks', line: '    ', why: 'no client, user and time in brackets' },
  { name: 'text', line: 'it is a line of text', why: 'no client, user and time in brackets' },
  { name: 'an error line', line: '2026/01/02 03:04:05 [error] 7#7: x', why: 'no client, user and time in brackets' },
  { name: 'a wrong day', line: `${HEAD.replace('02/', '32/')} "-" 200 0`, why: 'no time of an access log' },
  { name: 'a wrong hour', line: `${HEAD.replace(':03:', ':24:')} "-" 200 0`, why: 'no time of an access log' },
  { name: 'a wrong zone', line: `${HEAD.replace('+', '?')} "-" 200 0`, why: 'no time of an access log' },
  {
    name: 'a time before 1970',
    line: `${HEAD.replace('2026', '1969')} "-" 200 0`,
    why: 'a time before 1970 or after 2554',
  },
  { name: 'no request', line: `${HEAD} 200 0`, why: 'no request in quotes' },
  { name: 'a request without end', line: `${HEAD} "GET / HTTP/1.1 200 0`, why: 'no request in quotes' },
  { name: 'no status', line: `${HEAD} "GET / HTTP/1.1"`, why: 'no status and size' },
  { name: 'no size', line: `${HEAD} "GET / HTTP/1.1" 200`, why: 'no status and size' },
  { name: 'a word for a status', line: `${HEAD} "GET / HTTP/1.1" OK 0`, why: 'no status and size' },
  { name: 'four digits for a status', line: `${HEAD} "GET / HTTP/1.1" 2000 0`, why: 'no status and size' },
  { name: 'a size that goes on', line: `${HEAD} "GET / HTTP/1.1" 200 0x`, why: 'no status and size' },
  { name: 'an enormous size', line: `${HEAD} "GET / HTTP/1.1" 200 ${'9'.repeat(20)}`, why: 'no status and size' },
  { name: 'a referer without end', line: `${HEAD} "GET / HTTP/1.1" 200 0 "x`, why: 'no closing quote' },
  { name: 'an agent without end', line: `${HEAD} "GET / HTTP/1.1" 200 0 "x" "\\"`, why: 'no closing quote' },
  {
    name: 'the common format where combined is said',
    line: `${HEAD} "GET / HTTP/1.1" 200 0 "x"`,
    options: { format: 'combined' },
    why: 'no referer and user agent',
  },
]) {
  test(`clf leaves a record as it was that holds ${name}`, () => {
    // The next record must not be read as a part of this one.
    const batch = processTexts(clfStage, options ?? {}, [line, ` "x" "y" 200 0 - - [] "GET / HTTP/1.1" 200 0`]);
    assert.deepEqual(batch.failures[0], { record: 0, reason: why });
    const { body, attributes, timeUnixNano } = plainRecord(batch, 0);
    assert.deepEqual([body, attributes, timeUnixNano], [line, {}, 0n]);
  });
}

test('clf replaces attributes of the same name and keeps the others', () => {
  const line = `${HEAD} \\"GET /new HTTP/1.1\\" 200 0`;
  const object = `{"url.path":"old","a":1,"line":"${line}","client.address":"old","b":2}`;
  const attributes = attributesOf(processObjects(clfStage, { field: 'line' }, [object]));
  assert.deepEqual(attributes, {
    a: 1,
    b: 2,
    ...client,
    ...get,
    'url.path': '/new',
    'http.response.status_code': 200,
    'http.response.body.size': 0,
  });
});

const PIECES = [HEAD, ' ', '"', '\\', '"-"', '200', '-', '[', ']', 'GET / HTTP/1.1', '?', '\\xe4', 'ü', '\t', '\0'];

test('clf never throws and reads a line the same at every place', () => {
  const anyLine = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), { maxLength: 16 });
  const anyEnd = anyLine.map((pieces) => [HEAD, ' ', ...pieces]);
  fc.assert(
    fc.property(fc.array(fc.oneof(anyLine, anyEnd), { minLength: 1, maxLength: 5 }), (lines) => {
      const texts = lines.map((pieces) => pieces.join(''));
      const batch = processTexts(clfStage, { rest: 'rest' }, texts);
      for (const [i, text] of texts.entries()) {
        assert.deepEqual(plainRecord(batch, i), plainRecord(processTexts(clfStage, { rest: 'rest' }, [text]), 0));
      }
    }),
  );
});

test('clf reads every request and user agent back that nginx would have escaped', () => {
  const escaped = (text: string): string =>
    [...Buffer.from(text)]
      .map((byte) =>
        byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c ? hex(byte) : String.fromCharCode(byte),
      )
      .join('');
  const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0').toUpperCase()}`;
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (path, agent) => {
      fc.pre(!path.includes('?') && !['', '-'].includes(agent) && agent.isWellFormed());
      const attributes = read(
        `${HEAD} "GET /${escaped(path)} HTTP/1.1" ${TAIL} "${escaped(agent)}" "${escaped(agent)}"`,
      );
      assert.equal(attributes['url.path'], `/${path}`);
      assert.equal(attributes['user_agent.original'], agent);
      assert.deepEqual(attributes['http.request.header.referer'], [agent]);
    }),
  );
});

for (const { name, line } of [
  { name: 'quotes', line: `${HEAD} "${'"'.repeat(1_000_000)}` },
  { name: 'backslashes', line: `${HEAD} "${'\\'.repeat(1_000_000)}` },
  { name: 'brackets', line: `a - ${' ['.repeat(500_000)}` },
  { name: 'blanks', line: ' '.repeat(1_000_000) },
  { name: 'letters', line: 'a'.repeat(1_000_000) },
  { name: 'NULs in a request', line: `${HEAD} "GET /${'\0'.repeat(1_000_000)} HTTP/1.1" 200 0` },
  { name: 'escapes in a request', line: `${HEAD} "GET /${'\\x00'.repeat(250_000)} HTTP/1.1" 200 0` },
]) {
  test(`clf reads a million ${name} in less than a second`, () => {
    assert.ok(cpuMsOf(() => processTexts(clfStage, {}, [line])) < 1000);
  });
}

test('clf refuses an unknown format', () => {
  assert.deepEqual(
    optionErrors(clfStage, { format: 'nginx' }).map((error) => error.path),
    [['format']],
  );
});
