import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { syslogStage } from '../../../src/stages/syslog/index.ts';
import { OBSERVED_UNIX_MS, plainRecord } from '../../harness/batch.ts';
import { processTexts } from '../stage-fixture.ts';

const corpora = join(import.meta.dirname, '../../../../shared/corpora');
const missing = existsSync(join(corpora, 'loghub')) ? false : 'the corpora are not there';

const readText = (path: string): string => readFileSync(join(corpora, path), 'utf8');
const readLines = (path: string): string[] =>
  readText(path)
    .split(/\r?\n/)
    .filter((line) => line !== '');

/** What the peers' tests say of a line, as far as they name it. */
interface PeerRecord {
  readonly time?: string | undefined;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly attributes: Record<string, unknown>;
  readonly message: string;
}

function assertRecord(line: string, timezone: string, expected: PeerRecord): void {
  const batch = processTexts(syslogStage, { timezone }, [line]);
  const { body, attributes, timeUnixNano, severityNumber, severityText } = plainRecord(batch, 0);
  assert.deepEqual(batch.failures, [], line);
  assert.equal(body, expected.message);
  const { 'syslog.procid': text, 'process.pid': pid = text, ...rest } = attributes;
  assert.deepEqual({ ...rest, process: pid }, { process: undefined, ...defined(expected.attributes) }, line);
  if (expected.time !== undefined) assert.equal(timeUnixNano, BigInt(Date.parse(expected.time)) * 1_000_000n, line);
  if (expected.severityNumber !== undefined) assert.equal(severityNumber, expected.severityNumber);
  if (expected.severityText !== undefined) assert.equal(severityText, expected.severityText);
}

function defined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function flatData(data: Record<string, Record<string, string>> = {}): Record<string, string> {
  const entries = Object.entries(data).flatMap(([id, parameters]) => {
    const names = Object.entries(parameters);
    if (names.length === 0) return [[`syslog.structured_data.${id}`, '']];
    return names.map(([name, value]) => [`syslog.structured_data.${id}.${name}`, value]);
  });
  return Object.fromEntries(entries);
}

interface StanzaCase {
  readonly line: string;
  readonly expected: {
    readonly severity_number: number;
    readonly severity_text: string;
    readonly timestamp?: string;
    readonly facility?: number;
    readonly appname: string;
    readonly hostname: string;
    readonly message: string;
    readonly msg_id?: string;
    readonly proc_id?: string;
    readonly version?: number;
    readonly structured_data?: Record<string, Record<string, string>>;
  };
}

test("syslog reads what the collector's tests read", { skip: missing }, () => {
  for (const { line, expected } of JSON.parse(readText('otel-contrib-stanza/syslog.json')) as StanzaCase[]) {
    const hasTime = expected.timestamp?.endsWith('Z');
    assertRecord(line.replace(/<MMM .*now>/, 'Jan  2 03:04:05'), 'UTC', {
      time: hasTime ? expected.timestamp : '2026-01-02T03:04:05Z',
      severityNumber: expected.severity_number,
      severityText: expected.severity_text,
      message: expected.message,
      attributes: {
        'host.name': expected.hostname,
        'syslog.appname': expected.appname,
        'syslog.msgid': expected.msg_id,
        'syslog.facility': expected.facility,
        'syslog.version': expected.version,
        process: expected.proc_id === undefined ? undefined : Number(expected.proc_id),
        ...flatData(expected.structured_data),
      },
    });
  }
});

interface VectorCase {
  readonly name: string;
  readonly args: { readonly value: string };
  readonly ok?: Record<string, unknown>;
}

const FACILITIES: Readonly<Record<string, number>> = { user: 1, local0: 16, local4: 20 };

test("syslog reads what Vector's tests read", { skip: missing }, () => {
  for (const { name, args, ok } of JSON.parse(readText('vector/vrl-parse/syslog.json')) as VectorCase[]) {
    if (ok === undefined) {
      assert.equal(processTexts(syslogStage, {}, [args.value]).failures.length, 1);
      continue;
    }
    const { severity, facility, timestamp, hostname, appname, procid, msgid, message, version, ...data } = ok;
    // A word without a colon or a process is no tag to us: it could as well begin the message.
    const isTag = name !== 'non_structured_data_in_message';
    const time = String(timestamp).replace('<current year>', '2025');
    assertRecord(args.value, 'UTC', {
      time,
      ...(severity === undefined ? {} : { severityText: String(severity) }),
      message: isTag ? String(message) : `${String(appname)} ${String(message)}`,
      attributes: {
        'host.name': hostname,
        'syslog.appname': isTag ? appname : undefined,
        'syslog.msgid': msgid,
        'syslog.facility': facility === undefined ? undefined : FACILITIES[String(facility)],
        'syslog.version': version,
        process: procid,
        ...flatData(data as Record<string, Record<string, string>>),
      },
    });
  }
});

for (const name of ['auth/auth-ubuntu1204', 'auth/test', 'auth/timestamp', 'syslog/suse-syslog', 'syslog/tz-offset']) {
  test(`syslog reads ${name} of Filebeat`, { skip: missing }, () => {
    const path = `elastic-beats/oss-apache2/system/${name}.log`;
    const text = readText(path);
    const documents = JSON.parse(readText(`${path}-expected.json`)) as Record<string, unknown>[];
    assert.ok(documents.length > 1);
    for (const document of documents) {
      const line = Buffer.from(text).subarray(Number(document['log.offset'])).toString().split('\n', 1)[0]!;
      const batch = processTexts(syslogStage, {}, [line]);
      const { attributes, body, timeUnixNano } = plainRecord(batch, 0);
      const { 'process.name': app, 'process.pid': pid, 'host.hostname': host, message } = document;
      assert.deepEqual(attributes, {
        ...defined({ 'host.name': host, 'syslog.appname': app, 'process.pid': pid }),
      });
      if (typeof message === 'string') assert.equal(body, message);
      const time = document['@timestamp'];
      if (typeof time === 'string') assert.equal(timeUnixNano / 1_000_000n, BigInt(Date.parse(time)));
    }
  });
}

for (const { folder, columns, line } of [
  { folder: 'OpenSSH', columns: 'LineId,Date,Day,Time,Component,Pid', line: (text: string) => text },
  {
    folder: 'Thunderbird',
    columns: 'LineId,Label,Timestamp,Date,User,Month,Day,Time,Location,Component,PID',
    line: (text: string) => text.split(' ').slice(4).join(' '),
  },
  { folder: 'Mac', columns: 'LineId,Month,Date,Time,User,Component,PID', line: (text: string) => text },
]) {
  test(`syslog reads 2,000 lines of ${folder}`, { skip: missing }, () => {
    const lines = readLines(`loghub/${folder}/${folder}_2k.log`).map(line);
    const rows = readLines(`loghub/${folder}/${folder}_2k.log_structured.csv`).slice(1);
    const batch = processTexts(syslogStage, {}, lines);
    assert.deepEqual(batch.failures, []);
    let tagged = 0;
    for (const [i, row] of rows.entries()) {
      const names = columns.split(',');
      const cells = row.split(',');
      const cell = (name: string): string | undefined => cells[names.indexOf(name)];
      const { attributes, timeUnixNano } = plainRecord(batch, i);
      const isOpenSsh = folder === 'OpenSSH';
      assert.equal(attributes['host.name'], cell(isOpenSsh ? 'Component' : folder === 'Mac' ? 'User' : 'Location'));
      const written = `${cell(isOpenSsh ? 'Date' : 'Month')} ${cell(folder === 'Mac' ? 'Date' : 'Day')} ${cell('Time')}`;
      assert.ok(Number(timeUnixNano / 1_000_000n) <= OBSERVED_UNIX_MS);
      const read = new Date(Number(timeUnixNano / 1_000_000n)).toUTCString();
      const [, day, month, , time] = read.split(/ /);
      assert.equal(`${month} ${Number(day)} ${time}`, written);
      const pid = cell(isOpenSsh ? 'Pid' : 'PID');
      if (pid === '' || attributes['process.pid'] === undefined) continue;
      assert.equal(attributes['process.pid'], Number(pid));
      if (!isOpenSsh) assert.equal(attributes['syslog.appname'], cell('Component'));
      tagged++;
    }
    assert.ok(tagged > rows.length / 3, `${tagged} of ${rows.length}`);
  });
}
