import { readFileSync } from 'node:fs';
import type { ExpectedRecord } from './expected-record.ts';

/** What the structured table of LogHub says of a file: a row for each line. `timeOf` makes a time of its columns. */
export function readLoghub(
  file: string,
  input: Buffer,
  timeOf: (row: ReadonlyMap<string, string>) => string | undefined,
): ExpectedRecord[] {
  const [header = [], ...rows] = readCsv(readFileSync(`${file}_structured.csv`, 'utf8'));
  const offsets = lineOffsets(input);
  return rows.map((row) => {
    const fields = new Map(header.map((name, i) => [name, row[i] ?? '']));
    const level = fields.get('Level');
    return { offset: offsets[Number(fields.get('LineId')) - 1] ?? -1, time: timeOf(fields), level, fields };
  });
}

function lineOffsets(input: Buffer): number[] {
  const offsets = [0];
  for (let at = input.indexOf(0x0a); at >= 0; at = input.indexOf(0x0a, at + 1)) offsets.push(at + 1);
  return offsets;
}

/** The rows of RFC 4180, whose fields hold no line ends here. */
function readCsv(text: string): string[][] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  return lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    ),
  );
}
