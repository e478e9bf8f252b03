import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { syslogStage } from '../../../src/stages/syslog/index.ts';
import { attributesOf, batchOf, plainRecord } from '../../harness/batch.ts';
import { cpuMsOf } from '../../harness/cpu-time.ts';
import {
  assertExample,
  buildStage,
  optionErrors,
  processObjects,
  processTexts,
  stageContext,
} from '../stage-fixture.ts';

test('the example of syslog holds', () => assertExample(syslogStage));

/** What a line says: time as text, body, severity, attributes without their prefix `syslog.`. */
function read(line: string | Uint8Array, options: unknown = {}) {
  const batch = processTexts(syslogStage, options, [line]);
  assert.deepEqual(batch.failures, []);
  const { body, attributes, timeUnixNano, severityNumber, severityText } = plainRecord(batch, 0);
  const short = Object.entries(attributes).map(([key, value]) => [key.replace(/^syslog\./, ''), value]);
  const time = timeUnixNano === 0n ? '' : isoNano(timeUnixNano);
  return { time, body, severity: `${severityNumber} ${severityText}`.trim(), ...Object.fromEntries(short) };
}

function isoNano(unixNano: bigint): string {
  const seconds = new Date(Number(unixNano / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const nanos = String(unixNano % 1_000_000_000n).padStart(9, '0');
  return `${seconds}.${nanos}Z`.replace(/\.?0+Z$/, 'Z');
}

const NONE = { severity: '0' };
const T0 = '2026-01-02T03:04:05Z';

for (const { name, line, options, expected } of [
  {
    name: 'a line of a file of rsyslog',
    line: 'Jan  2 03:04:05 host app[123]: message',
    expected: { ...NONE, time: T0, 'host.name': 'host', appname: 'app', 'process.pid': 123, body: 'message' },
  },
  {
    name: 'its new form, with an ISO time',
    line: '2026-01-02T05:04:05.678+02:00 host app[1]: msg',
    expected: {
      ...NONE,
      time: '2026-01-02T03:04:05.678Z',
      'host.name': 'host',
      appname: 'app',
      'process.pid': 1,
      body: 'msg',
    },
  },
  {
    name: 'a priority, and a tag with a path',
    line: '<22>Jan 02 03:04:05 mx postfix/smtpd[99]: connect',
    expected: {
      time: T0,
      severity: '9 info',
      facility: 2,
      'host.name': 'mx',
      appname: 'postfix/smtpd',
      'process.pid': 99,
      body: 'connect',
    },
  },
  {
    name: 'a line without a host',
    line: '<133>Jan  2 03:04:05 haproxy[7]: Proxy started.',
    expected: {
      time: T0,
      severity: '10 notice',
      facility: 16,
      appname: 'haproxy',
      'process.pid': 7,
      body: 'Proxy started.',
    },
  },
  {
    name: 'a line without a host and a process',
    line: 'Jan  2 03:04:05 su: failed',
    expected: { ...NONE, time: T0, appname: 'su', body: 'failed' },
  },
  {
    name: 'a line without a tag',
    line: 'Jan  2 03:04:05 host last message repeated 2 times',
    expected: { ...NONE, time: T0, 'host.name': 'host', body: 'last message repeated 2 times' },
  },
  {
    name: 'a word alone behind the time',
    line: 'Jan  2 03:04:05 hello',
    expected: { ...NONE, time: T0, body: 'hello' },
  },
  { name: 'a time alone', line: 'Jan  2 03:04:05', expected: { ...NONE, time: T0, body: '' } },
  {
    name: 'a tag with colons and parentheses',
    line: 'Jan  2 03:04:05 h Foo::Bar(pam_unix)[5]: x',
    expected: { ...NONE, time: T0, 'host.name': 'h', appname: 'Foo::Bar(pam_unix)', 'process.pid': 5, body: 'x' },
  },
  {
    name: 'a tag that ends with the bracket',
    line: 'Jan  2 03:04:05 h launchd[1] (x.y): failed',
    expected: { ...NONE, time: T0, 'host.name': 'h', appname: 'launchd', 'process.pid': 1, body: '(x.y): failed' },
  },
  {
    name: 'a process that is no number',
    line: 'Jan  2 03:04:05 h app[main-1]: x',
    expected: { ...NONE, time: T0, 'host.name': 'h', appname: 'app', procid: 'main-1', body: 'x' },
  },
  {
    name: 'a process number with a zero before it as text',
    line: 'Jan  2 03:04:05 h app[007]: x',
    expected: { ...NONE, time: T0, 'host.name': 'h', appname: 'app', procid: '007', body: 'x' },
  },
  {
    name: 'blanks at the start of a message, but for the first',
    line: 'Jan  2 03:04:05 h sudo:   anna : TTY=x',
    expected: { ...NONE, time: T0, 'host.name': 'h', appname: 'sudo', body: '  anna : TTY=x' },
  },
  {
    name: 'a priority with a message alone',
    line: '<14>hello world',
    expected: { time: '', severity: '9 info', facility: 1, body: 'hello world' },
  },
  {
    name: 'a priority with a tag',
    line: '<11>app[3]: hello',
    expected: { time: '', severity: '17 err', facility: 1, appname: 'app', 'process.pid': 3, body: 'hello' },
  },
  {
    name: 'a kernel message',
    line: '<6>[   12.345678] usb 1-1: new device',
    expected: { time: '', severity: '9 info', facility: 0, body: '[   12.345678] usb 1-1: new device' },
  },
  {
    name: 'a time with a year and a colon behind it',
    line: '<190>Jan 02 2025 03:04:05.5: %ASA-6-302015: Built',
    expected: {
      time: '2025-01-02T03:04:05.5Z',
      severity: '9 info',
      facility: 23,
      appname: '%ASA-6-302015',
      body: 'Built',
    },
  },
  {
    name: 'a time without a year as one of the last year',
    line: 'Dec 31 23:59:59 h a: x',
    expected: { ...NONE, time: '2025-12-31T23:59:59Z', 'host.name': 'h', appname: 'a', body: 'x' },
  },
  {
    name: 'a time without a zone in the zone that is named',
    line: 'Jan  2 03:04:05 h a: x',
    options: { timezone: 'America/Detroit' },
    expected: { ...NONE, time: '2026-01-02T08:04:05Z', 'host.name': 'h', appname: 'a', body: 'x' },
  },
  {
    name: 'all fields of RFC 5424',
    line: '<165>1 2003-10-11T22:14:15.003Z m.example.com evntslog 44 ID47 [e@32473 iut="3" src="App"][p@1 c="high"] An entry',
    expected: {
      time: '2003-10-11T22:14:15.003Z',
      severity: '10 notice',
      facility: 20,
      version: 1,
      'host.name': 'm.example.com',
      appname: 'evntslog',
      'process.pid': 44,
      msgid: 'ID47',
      'structured_data.e@32473.iut': '3',
      'structured_data.e@32473.src': 'App',
      'structured_data.p@1.c': 'high',
      body: 'An entry',
    },
  },
  {
    name: 'dashes for what is not known',
    line: '<13>1 - - - - - -',
    expected: { time: '', severity: '10 notice', facility: 1, version: 1, body: '' },
  },
  {
    name: 'a byte order mark and a NUL as what they are',
    line: '<13>1 - h - - - - \uFEFFhällo\0',
    expected: { time: '', severity: '10 notice', facility: 1, version: 1, 'host.name': 'h', body: 'hällo' },
  },
  {
    name: 'the escapes of structured data, and only them',
    line: String.raw`<13>1 - - - - - [a k="x\"y\\z\]\n" k2= "[v]"] m`,
    expected: {
      time: '',
      severity: '10 notice',
      facility: 1,
      version: 1,
      'structured_data.a.k': String.raw`x"y\z]\n`,
      'structured_data.a.k2': '[v]',
      body: 'm',
    },
  },
  {
    name: 'the last value of a parameter that comes twice',
    line: '<13>1 - - - - - [a ip="1" x="y" ip="2"][b] m',
    expected: {
      time: '',
      severity: '10 notice',
      facility: 1,
      version: 1,
      'structured_data.a.ip': '2',
      'structured_data.a.x': 'y',
      'structured_data.b': '',
      body: 'm',
    },
  },
  {
    name: 'a version without a priority',
    line: '1 2026-01-02T03:04:05Z h - - - - m',
    expected: { ...NONE, time: T0, 'host.name': 'h', version: 1, body: 'm' },
  },
  {
    name: 'a count of bytes before the line',
    line: '20 <13>1 - h - - - - m',
    expected: { time: '', severity: '10 notice', facility: 1, version: 1, 'host.name': 'h', body: 'm' },
  },
  {
    name: 'a version as a host where RFC 3164 is said',
    line: '<13>Jan  2 03:04:05 1 a: x',
    options: { format: 'rfc3164' },
    expected: { time: T0, severity: '10 notice', facility: 1, 'host.name': '1', appname: 'a', body: 'x' },
  },
]) {
  test(`syslog reads ${name}`, () => {
    assert.deepEqual(read(line, options), expected);
  });
}

for (const { name, line, options, why } of [
  { name: 'text', line: 'not much of a syslog message', why: 'no priority and no time of syslog' },
  { name: 'nothing', line: '', why: 'no priority and no time of syslog' },
  { name: 'a priority beyond 191', line: '<192>x', why: 'no priority from 0 to 191' },
  { name: 'a priority without end', line: '<19', why: 'no priority from 0 to 191' },
  { name: 'an empty priority', line: '<>x', why: 'no priority from 0 to 191' },
  { name: 'a day that no year has', line: 'Feb 30 00:00:00 h a: x', why: 'no priority and no time of syslog' },
  { name: 'an hour that no day has', line: 'Feb 3 24:00:00 h a: x', why: 'no priority and no time of syslog' },
  { name: 'a time that goes on', line: 'Feb 3 23:00:00Z h a: x', why: 'no blank behind the time' },
  { name: 'a time before 1970', line: '1969-01-02T03:04:05Z h a: x', why: 'a time before 1970 or after 2554' },
  { name: 'a header that ends early', line: '<13>1 - h app', why: 'no whole header of RFC 5424' },
  { name: 'a wrong time', line: '<13>1 2026-13-02T03:04:05Z h a - - - m', why: 'no whole header of RFC 5424' },
  { name: 'data without a dash', line: '<13>1 - h a - - m', why: 'no structured data and no dash for it' },
  { name: 'data without end', line: '<13>1 - h a - - [x y="z"', why: 'broken structured data' },
  { name: 'a value without end', line: '<13>1 - h a - - [x y="z\\', why: 'broken structured data' },
  { name: 'a name that is far too long', line: `<13>1 - h a - - [${'x'.repeat(65)}] m`, why: 'broken structured data' },
  { name: 'data that goes on', line: '<13>1 - h a - - [x]m', why: 'no blank behind the structured data' },
  {
    name: 'RFC 3164 where RFC 5424 is said',
    line: '<13>Jan  2 03:04:05 h a: x',
    options: { format: 'rfc5424' },
    why: 'no header of RFC 5424',
  },
]) {
  test(`syslog leaves a record as it was that holds ${name}`, () => {
    const batch = processTexts(syslogStage, options ?? {}, [line]);
    assert.deepEqual(batch.failures, [{ record: 0, reason: why }]);
    const { body, attributes, timeUnixNano, severityNumber } = plainRecord(batch, 0);
    assert.deepEqual([body, attributes, timeUnixNano, severityNumber], [line, {}, 0n, 0]);
  });
}

test('syslog reads an attribute, takes it out, and replaces others of the same name', () => {
  const object = '{"host.name":"old","log":"<13>Jan  2 03:04:05 new a: x","z":1}';
  const { body, attributes } = plainRecord(processObjects(syslogStage, { field: 'log' }, [object]), 0);
  assert.equal(body, 'x');
  assert.deepEqual(attributes, { z: 1, 'host.name': 'new', 'syslog.appname': 'a', 'syslog.facility': 1 });
});

test('syslog gives the attribute back that it cannot read', () => {
  const object = '{"log":"<13>1 - h a - - [x y=\\"z\\"","z":1}';
  const batch = processObjects(syslogStage, { field: 'log' }, [object]);
  assert.deepEqual(attributesOf(batch), { z: 1, log: '<13>1 - h a - - [x y="z"' });
  assert.equal(batch.flags[0], RecordFlag.ParseFailed);
});

test('syslog leaves dropped records alone', () => {
  const batch = batchOf(['<13>x', '<13>x']);
  batch.drop(0);
  buildStage(syslogStage, {}, stageContext(batch.keys)).process(batch);
  assert.deepEqual([batch.severityNumber[0], batch.severityNumber[1]], [0, 10]);
});

const PIECES = [
  '<13>',
  '1 ',
  '- ',
  'Jan  2 03:04:05',
  '[',
  ']',
  '"',
  '\\',
  '=',
  ' ',
  ':',
  'a',
  '7',
  '2026-01-02T03:04:05Z',
  'ü',
];

test('syslog loses nothing and reads a line the same at every place', () => {
  const anyLine = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 4 })), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(anyLine, { minLength: 1, maxLength: 5 }), (lines) => {
      const texts = lines.map((pieces) => pieces.join(''));
      const batch = processTexts(syslogStage, {}, texts);
      const failed = new Set(batch.failures.map(({ record }) => record));
      for (const [i, text] of texts.entries()) {
        const alone = processTexts(syslogStage, {}, [text]);
        assert.deepEqual(plainRecord(batch, i), plainRecord(alone, 0));
        const { body } = plainRecord(batch, i);
        if (failed.has(i)) assert.equal(body, Buffer.from(text).toString());
        else assert.ok(Buffer.from(text).includes(String(body)));
      }
    }),
  );
});

for (const { name, line } of [
  { name: 'parameters', line: `<13>1 - - - - - [a ${'b="" '.repeat(200_000)}] m` },
  { name: 'parameters of different names', line: `<13>1 - - - - - [a ${many((i) => `k${i}="v" `)}] m` },
  { name: 'elements', line: `<13>1 - - - - - ${many((i) => `[e${i}]`)} m` },
  { name: 'a value that does not end', line: `<13>1 - - - - - [a b="${'\\'.repeat(1_000_000)}` },
  { name: 'brackets', line: `Jan  2 03:04:05 ${'['.repeat(1_000_000)}` },
  { name: 'colons', line: `Jan  2 03:04:05 ${':'.repeat(1_000_000)}` },
  { name: 'blanks', line: `Jan  2 03:04:05${' '.repeat(1_000_000)}` },
  { name: 'digits', line: '1'.repeat(1_000_000) },
  { name: 'NULs', line: '\0'.repeat(1_000_000) },
]) {
  test(`syslog reads a million ${name} in less than a second`, () => {
    assert.ok(cpuMsOf(() => processTexts(syslogStage, {}, [line])) < 1000);
  });
}

function many(piece: (i: number) => string): string {
  return Array.from({ length: 100_000 }, (_, i) => piece(i)).join('');
}

for (const { name, options, path } of [
  { name: 'an unknown format', options: { format: 'rfc1' }, path: ['format'] },
  { name: 'an unknown zone', options: { timezone: 'Mars' }, path: ['timezone'] },
]) {
  test(`syslog refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(syslogStage, options).map((error) => error.path),
      [path],
    );
  });
}
