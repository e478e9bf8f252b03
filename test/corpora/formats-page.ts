import type { KnownDifference } from './known-differences.ts';
import type { Agreement, Measure } from './measure.ts';

/** What was measured of the files of one ready-made pipeline. */
export interface MeasuredFormat {
  readonly pipeline: string;
  readonly paths: readonly string[];
  readonly measures: readonly Measure[];
}

const HEAD = `<!-- Made by "npm run formats", from the corpora: change it there. -->

# What the ready-made pipelines make of real logs

Files of other projects, with what those say must come out of them, run through the ready-made pipelines. A line is parsed when no stage failed on its record. Time, severity and fields are compared where the other project gives them; what is known to differ counts as different here, and is listed below with the reason. Anything else that differs fails a test.

| Pipeline | Files | Lines | Parsed | Time | Severity | Fields |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
`;

/** The page `docs/formats.md`. `others` are the ready-made pipelines that nothing was measured of. */
export function formatsPage(
  formats: readonly MeasuredFormat[],
  known: ReadonlyMap<KnownDifference, number>,
  others: readonly string[],
): string {
  const rows = formats.map(formatRow).join('\n');
  const reasons = [...known].map(
    ([{ path, field, reason }, count]) => `| \`${path}\` | ${field} | ${count} | ${reason} |`,
  );
  const sources = [...new Set(formats.flatMap(({ paths }) => paths.map((path) => path.split('/')[0]!)))].sort();
  return `${HEAD}${rows}

The files are of ${listed(sources.map((source) => `\`${source}\``))}. No file is at hand for ${listed(others.map((name) => `\`${name}\``))}: their cases are written by hand.

## Known differences

| Files | Field | Values | Why |
| --- | --- | ---: | --- |
${reasons.join('\n')}
`;
}

function formatRow({ pipeline, paths, measures }: MeasuredFormat): string {
  const sum = (count: (measure: Measure) => number): number => measures.reduce((total, one) => total + count(one), 0);
  const lines = sum(({ lines }) => lines);
  const agreement = (of: (measure: Measure) => Agreement): string =>
    share(
      sum((one) => of(one).agreed),
      sum((one) => of(one).compared),
    );
  const cells = [
    `\`${pipeline}\``,
    paths.length,
    lines,
    share(
      sum(({ parsedLines }) => parsedLines),
      lines,
    ),
    agreement(({ time }) => time),
    agreement(({ severity }) => severity),
    agreement(({ fields }) => fields),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** `99.1 % of 1,000`, cut off and not rounded: 100 % is all of them. */
function share(part: number, whole: number): string {
  if (whole === 0) return '';
  const percent = part === whole ? '100' : (Math.floor((1000 * part) / whole) / 10).toFixed(1);
  return `${percent} % of ${whole.toLocaleString('en')}`;
}

function listed(items: readonly string[]): string {
  return new Intl.ListFormat('en').format(items);
}
