import { readFileSync } from 'node:fs';
import { type ExpectedRecord, listOf, objectOf, textOf, utcTime } from './expected-record.ts';

/** What Filebeat's modules make of a file: a list of events in the names of ECS, in `<file>-expected.json`. */
export function readElastic(file: string): ExpectedRecord[] {
  const events = JSON.parse(
    readFileSync(`${file.replace(/\.first1000\.log$/, '.log')}-expected.json`, 'utf8'),
  ) as unknown;
  return listOf(events).map((event) => {
    const fields = new Map(Object.entries(objectOf(event)).map(([name, value]) => [name, textOf(value)]));
    const time = fields.get('@timestamp');
    return {
      offset: Number(fields.get('log.offset')),
      time: time === undefined ? undefined : utcTime(time),
      level: fields.get('log.level'),
      fields,
    };
  });
}
