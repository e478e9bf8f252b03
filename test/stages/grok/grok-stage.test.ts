import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { REGEX_ENGINE_FLAGS } from '../../../src/bytes/regex/engine-flags.ts';
import { LIBRARY } from '../../../src/stages/grok/grok-references.ts';
import { grokStage } from '../../../src/stages/grok/index.ts';
import { attributesOf } from '../../harness/batch.ts';
import { cpuMsOf } from '../../harness/cpu-time.ts';
import { assertExample, optionErrors, processTexts } from '../stage-fixture.ts';

for (const flag of REGEX_ENGINE_FLAGS) setFlagsFromString(flag);

test('the example of grok holds', () => assertExample(grokStage));

/** What the stage makes of a line: attributes, or why nothing fits. */
function read(options: unknown, line: string): unknown {
  const batch = processTexts(grokStage, options, [line]);
  return batch.failures[0]?.reason ?? attributesOf(batch);
}

/** Texts that a pattern of the library takes as a whole, and others that it does not. */
const TEXTS: Readonly<Record<string, { readonly takes: readonly string[]; readonly refuses?: readonly string[] }>> = {
  INT: { takes: ['0', '-12', '+7'], refuses: ['1.5', 'x', ''] },
  NUMBER: { takes: ['0', '-1.5', '.5', '5.', '+007'], refuses: ['1e5', '.', 'x'] },
  POSINT: { takes: ['1', '100'], refuses: ['0', '-1'] },
  BASE16NUM: { takes: ['0xFF', 'beef', '-1'], refuses: ['0xG'] },
  BOOLEAN: { takes: ['true', 'False'], refuses: ['yes'] },
  WORD: { takes: ['abc_1'], refuses: ['a-b', ''] },
  QUOTEDSTRING: { takes: ['"a b"', '"a\\"b"', "'x'", '""', '`x`'], refuses: ['"a"b"', '"a'] },
  UUID: { takes: ['f81d4fae-7dec-11d0-a765-00a0c91e6bf6'], refuses: ['f81d4fae7dec11d0a76500a0c91e6bf6'] },
  EMAILADDRESS: { takes: ['a.b+c@example.org'], refuses: ['a@', '@b'] },
  MAC: { takes: ['00:1a:2B:3c:4d:5e', '00-1a-2b-3c-4d-5e', '001a.2b3c.4d5e'], refuses: ['00:1a'] },
  IPV4: { takes: ['10.0.0.1', '255.255.255.255', '0.0.0.0'], refuses: ['256.1.1.1', '1.2.3', '01.2.3.4'] },
  IPV6: {
    takes: [
      '::',
      '::1',
      '1::',
      '1:2:3:4:5:6:7:8',
      '1:2::8',
      '1::3:4:5:6:7:8',
      'fe80::1%eth0',
      '::ffff:10.0.0.1',
      '1:2:3:4:5:6:10.0.0.1',
      '64:ff9b::192.0.2.33',
      '2001:db8::8a2e:370:7334',
    ],
    refuses: ['1', ':1', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1::2::3', '12345::'],
  },
  HOSTNAME: { takes: ['localhost', 'a.example.org', 'node-1.', 'x_y'], refuses: ['-a', 'a..b'] },
  HOSTPORT: { takes: ['a.b:80', '10.0.0.1:8080'], refuses: ['a.b'] },
  PATH: { takes: ['/', '/var/log/a.log', 'C:\\Windows\\x.log'], refuses: ['a/b'] },
  URI: { takes: ['http://a.b:80/c?d=e', 'https://u:p@[::1]/x', 'file:///etc/x'], refuses: ['a.b/c'] },
  URIPATHPARAM: { takes: ['/', '/a/b?c=d&e=[f]'], refuses: ['?a'] },
  MONTH: { takes: ['Jan', 'september', 'SEP'], refuses: ['Foo', 'Janu'] },
  TIME: { takes: ['00:00', '23:59:60', '12:34:56.789', '1:02:03,5'], refuses: ['24:00', '12:60'] },
  TIMESTAMP_ISO8601: {
    takes: [
      '2026-01-02T03:04:05.678Z',
      '2026-01-02 03:04:05,678',
      '2026-01-02T03:04:05+02:00',
      '2026-01-02 03:04:05 +0200',
      '2026-01-02T03:04',
    ],
    refuses: ['2026-13-02T03:04:05', '2026-01-02', '02/01/2026 03:04'],
  },
  HTTPDATE: { takes: ['02/Jan/2026:03:04:05 +0000'], refuses: ['02/Jan/2026 03:04:05'] },
  SYSLOGTIMESTAMP: { takes: ['Jan  2 03:04:05', 'Dec 10 06:55:46'], refuses: ['2 Jan 03:04:05'] },
  DATE: { takes: ['12/31/2026', '31.12.2026', '31-12-26'], refuses: ['2026-12-31'] },
  DATESTAMP_RFC2822: { takes: ['Fri, 02 Jan 2026 03:04:05 +0100'], refuses: ['Fri 02 Jan'] },
  DATESTAMP_OTHER: { takes: ['Fri Jan 02 03:04:05 CET 2026'] },
  DATESTAMP_EVENTLOG: { takes: ['20260102030405'] },
  LOGLEVEL: {
    takes: ['INFO', 'warn', 'Error', 'CRITICAL', 'severe', 'Notice', 'err', 'emerg'],
    refuses: ['loud', 'INFORM'],
  },
  JAVACLASS: { takes: ['com.example.Main$1', 'Main'], refuses: ['1.a'] },
};

for (const [name, { takes, refuses = [] }] of Object.entries(TEXTS)) {
  test(`the pattern ${name} takes what it should`, () => {
    for (const text of takes) assert.deepEqual(read(`^%{${name}:x}$`, text), { x: text }, text);
    for (const text of refuses) assert.equal(read(`^%{${name}:x}$`, text), 'no pattern fits', text);
  });
}

test('an address is found as a whole inside of a line', () => {
  for (const ip of TEXTS['IPV6']!.takes) assert.deepEqual(read('%{IP:x}', ip), { x: ip });
});

test('every pattern of the library can be compiled, and does not fit everything but where it says so', () => {
  for (const name of LIBRARY.keys()) {
    assert.deepEqual(optionErrors(grokStage, `^%{${name}:x}$`), [], name);
    const takesAll = /^(?:DATA|GREEDY.*|JAVALOGMESSAGE|HTTPD_REQUEST|HTTPD_QUOTED)$/.test(name);
    assert.equal(read(`^%{${name}:x}$`, '\u00e9 \u2192') !== 'no pattern fits', takesAll, name);
  }
});

for (const { options, line, expected } of [
  {
    options: '%{IP:client.address} %{WORD:[http][request][method]} %{NUMBER:took:float}',
    line: 'x 10.0.0.1 GET 0.25',
    expected: { 'client.address': '10.0.0.1', 'http.request.method': 'GET', took: 0.25 },
  },
  { options: '^%{INT:a:int} (?<b>\\w+) (c)', line: '7 x c', expected: { a: 7, b: 'x' } },
  { options: '%{IP:a}|%{HOSTNAME:a}', line: 'localhost', expected: { a: 'localhost' } },
  { options: ['^%{INT:a:int}$', '^%{GREEDYDATA:b}$'], line: 'x', expected: { b: 'x' } },
  {
    options: { match: '%{ID:id}', patterns: { ID: '%{PREFIX}-%{INT:number:int}', PREFIX: '[a-z]{3}' } },
    line: 'ord-12',
    expected: { id: 'ord-12', number: 12 },
  },
  { options: { match: '^%{WORD:a}$', patterns: { WORD: '[a-z-]+' } }, line: 'a-b', expected: { a: 'a-b' } },
  { options: '(?i)^%{RUBY_LOGLEVEL:level}', line: 'warn', expected: { level: 'warn' } },
  { options: '^%{DATA:a} %{GREEDYDATA:b}$', line: 'é x y', expected: { a: 'é', b: 'x y' } },
  { options: '%{INT:a:int}', line: 'x', expected: 'no pattern fits' },
]) {
  test(`grok ${JSON.stringify(options)} reads ${line}`, () => assert.deepEqual(read(options, line), expected));
}

for (const { options, errors } of [
  {
    options: '%{IPADRESS:x}',
    errors: ['[]: Cannot use expression "%{IPADRESS:x}": column 1: unknown pattern "IPADRESS"'],
  },
  { options: 'a %{INT:x:itn}', errors: ['[]: Cannot use expression "a %{INT:x:itn}": column 3: unknown type "itn"'] },
  { options: '%{INT:a b}', errors: ['[]: Cannot use expression "%{INT:a b}": column 1: "a b" is no name of a field'] },
  { options: '%{INT', errors: ['[]: Cannot use expression "%{INT": column 1: "%{" has no end'] },
  { options: '%{}', errors: ['[]: Cannot use expression "%{}": column 1: "%{" begins no reference'] },
  { options: '%{INT}', errors: ['[]: Cannot use expression "%{INT}": column 1: it names no field'] },
  {
    options: { match: '%{A:a}', patterns: { A: 'x%{B}', B: '(?=y)', C: '%{C}' } },
    errors: [
      '["patterns","A"]: Cannot use pattern "x%{B}": column 2: in the pattern "B": unknown group "(?="',
      '["patterns","B"]: Cannot use pattern "(?=y)": column 1: unknown group "(?="',
      '["patterns","C"]: Cannot use pattern "%{C}": column 1: in the pattern "C": the pattern "C" stands inside of itself',
    ],
  },
]) {
  test(`grok refuses ${JSON.stringify(options)}`, () => {
    const found = optionErrors(grokStage, options);
    assert.deepEqual(
      found.map(({ path, message }) => `${JSON.stringify(path)}: ${message}`),
      errors,
    );
    for (const { hint } of found) assert.ok(hint);
  });
}

test('grok says what was meant', () => {
  assert.equal(optionErrors(grokStage, '%{HOSTNAM:x}')[0]?.hint, 'Did you mean "HOSTNAME"?');
  assert.equal(optionErrors(grokStage, '%{INT:x:itn}')[0]?.hint, 'Did you mean "int"?');
});

test('grok refuses patterns that become too large, at once', () => {
  const patterns = Object.fromEntries(Array.from({ length: 29 }, (_, i) => [`P${i}`, `%{P${i + 1}}%{P${i + 1}}`]));
  const found = optionErrors(grokStage, { match: '%{P0:x}', patterns: { ...patterns, P29: '[a-z]+' } });
  assert.match(found[0]!.message, /too large/);
});

test('grok needs linear time for hostile lines', () => {
  const expressions = [
    '%{COMBINEDAPACHELOG}',
    '%{SYSLOGLINE}',
    '%{URI:x}',
    '^%{PATH:x}$',
    '%{QS:x}$',
    '%{DATA:a} %{DATA:b} %{DATA:c}!$',
    '%{EMAILADDRESS:x}',
    '%{HOSTNAME:x}!',
  ];
  const lines = ['a', 'a.', '1:', '::', '/a', '"', '\\"', 'a ', '::1 - - [', '- '].map((unit) => unit.repeat(2 ** 15));
  for (const expression of expressions) {
    for (const line of lines) {
      // What is promised; the square of the length would be far beyond it. The best of three, so one that is good enough
      // decides.
      const limitMs = line.length / 1024;
      let bestMs = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 3 && bestMs >= limitMs; round++) {
        bestMs = Math.min(
          bestMs,
          cpuMsOf(() => processTexts(grokStage, expression, [line])),
        );
      }
      assert.ok(bestMs < limitMs, `${expression} on ${line.slice(0, 4)}: ${bestMs} ms`);
    }
  }
});
