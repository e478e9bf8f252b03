import { readFileSync } from 'node:fs';
import { type ExpectedRecord, listOf, objectOf, textOf, utcTime } from './expected-record.ts';

interface VectorCase {
  readonly line: string;
  readonly expected: Readonly<Record<string, unknown>>;
}

/** The lines of Vector's cases of a parser that it reads, one below the other. */
export function linesOfVector(text: string): string {
  return casesOf(text)
    .map(({ line }) => `${line}\n`)
    .join('');
}

/** What Vector's parsers make of these lines. */
export function readVector(file: string): ExpectedRecord[] {
  let offset = 0;
  return casesOf(readFileSync(file, 'utf8')).map(({ line, expected }) => {
    const start = offset;
    offset += Buffer.byteLength(line) + 1;
    const { timestamp, severity, level, ...others } = expected;
    const fields = new Map(Object.entries(others).map(([name, value]) => [name, textOf(value)]));
    const named = severity ?? level;
    return {
      offset: start,
      time: timestamp === undefined ? undefined : timeOf(textOf(timestamp)),
      level: named === undefined ? undefined : textOf(named),
      fields,
    };
  });
}

/** Those that have a result and are one line. */
function casesOf(text: string): VectorCase[] {
  return listOf(JSON.parse(text)).flatMap((one) => {
    const { args, ok } = objectOf(one);
    const line = textOf(objectOf(args)['value']).trim();
    return ok === undefined || line.includes('\n') ? [] : [{ line, expected: objectOf(ok) }];
  });
}

/** `<current year>-05-05T17:59:40.692994Z`, where the line has no year. */
function timeOf(text: string): string {
  const [, withoutYear] = /^<current year>(.*?)(?:\.?0*)?Z$/.exec(text) ?? [];
  return withoutYear ?? utcTime(text);
}
