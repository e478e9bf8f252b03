import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ExpectedRecord, listOf, objectOf, textOf, utcTime } from './expected-record.ts';

const NEWLINE = 0x0a;

/** What the parsers of CrowdSec for services make of a file. */
export function readCrowdsec(file: string, input: Buffer): ExpectedRecord[] {
  return readStages(file, input, ['s01-parse', 's02-enrich']);
}

/** What its parser of syslog makes of the lines, before any other. */
export function readCrowdsecSyslog(file: string, input: Buffer): ExpectedRecord[] {
  return readStages(file, input, ['s00-raw']);
}

/** `expected.json` has the events by stage and parser, in the order of the lines. */
function readStages(file: string, input: Buffer, wanted: readonly string[]): ExpectedRecord[] {
  const stages = objectOf(JSON.parse(readFileSync(join(dirname(file), 'expected.json'), 'utf8')));
  const found = new Map<number, Map<string, string>>();
  for (const stage of wanted) {
    for (const events of Object.values(objectOf(stages[stage] ?? {}))) addEvents(listOf(events), input, found);
  }
  return [...found].map(([offset, fields]) => {
    const time = fields.get('Enriched.MarshaledTime');
    return { offset, time: time === undefined || time === '' ? undefined : utcTime(time), fields };
  });
}

/** Adds what events say to the lines that hold their messages. */
function addEvents(events: readonly unknown[], input: Buffer, found: Map<number, Map<string, string>>): void {
  let from = 0;
  for (const event of events) {
    const { Parsed: parsed, Meta: meta, Enriched: enriched } = objectOf(event);
    const message = objectOf(parsed ?? {})['message'];
    const at = typeof message === 'string' ? input.indexOf(message, from) : -1;
    if (at < 0) continue;
    const offset = input.lastIndexOf(NEWLINE, at) + 1;
    const fields = found.get(offset) ?? new Map<string, string>();
    found.set(offset, fields);
    for (const [group, values] of Object.entries({ Parsed: parsed, Meta: meta, Enriched: enriched })) {
      for (const [name, value] of Object.entries(objectOf(values ?? {}))) fields.set(`${group}.${name}`, textOf(value));
    }
    from = input.indexOf(NEWLINE, at) < 0 ? input.length : input.indexOf(NEWLINE, at);
  }
}
