import type { DetectedInput, UnmatchedLines } from '../agent/detect-input.ts';
import { PlainDocument } from '../config/plain-document.ts';
import { printable, printableJson } from '../core/printable.ts';
import type { Found } from '../detect/detection.ts';
import type { Style } from './style.ts';
import { escapeGlob } from './tail-input.ts';

/** Where logs are, as far as anybody can guess. */
const SOME_FILES = '/var/log/app/*.log';
/** Characters of a line that are shown. */
const MAX_SHOWN = 200;
const MAX_COLUMNS = 98;

/**
 * What was found out, as comments of a configuration file: with the configuration behind it, it is one. Ends with a line
 * end. `isEmpty`: whether there was no input at all.
 */
export function formatDetection(detected: DetectedInput, style: Style, isEmpty = false): string {
  const nothing = isEmpty ? 'There is no line in it.' : 'No line of it can be gone by: they are empty, or too long.';
  const { detection, container, multiline, records, unmatchedRecords, unmatched } = detected;
  const { best, confidence, second } = detection;
  const lines: string[] = [];
  if (best === undefined || confidence === undefined) {
    lines.push(records === 0 ? nothing : style.bad('No format that is known fits.'));
  } else {
    const sure = `${confidence.level} confidence (${confidence.value.toFixed(2)})`;
    const paint = confidence.level === 'low' ? style.bad : style.good;
    lines.push(`${style.bold(best.name)}: ${paint(sure)}`, ...wrapped(best.summary), ...wrapped(evidenceOf(best)));
  }
  if (container !== 'plain')
    lines.push(`  The lines are inside those of a container (${container}), which is found by itself.`);
  if (multiline !== undefined) lines.push(`  Records may have several lines: multiline: ${JSON.stringify(multiline)}`);
  if (second !== undefined) {
    const told = `${best === undefined ? 'Nearest' : 'Second best'}: ${second.name}, ${shareText(second)}`;
    lines.push(...wrapped(told).map((line) => style.dim(line)));
  }
  if (unmatchedRecords > 0 && best !== undefined)
    lines.push(`${unmatchedRecords} of ${count(records, 'record')} ${unmatchedRecords === 1 ? 'does' : 'do'} not fit:`);
  lines.push(...unmatched.flatMap((kind) => unmatchedText(kind, style)));
  const shown = unmatched.reduce((sum, { count }) => sum + count, 0);
  if (shown < unmatchedRecords) lines.push(`  and ${count(unmatchedRecords - shown, 'other line')}`);
  return lines.map((line) => `${style.dim('#')} ${line}\n`).join('');
}

/** A configuration that reads such files; undefined: nobody knows how. */
export function configurationOf(
  { detection, multiline }: DetectedInput,
  path: string | undefined,
): PlainDocument | undefined {
  if (detection.best === undefined) return undefined;
  const document = new PlainDocument();
  document.set(['sources', 'app', 'type'], 'file');
  document.set(['sources', 'app', 'include'], [path === undefined ? SOME_FILES : escapeGlob(path)]);
  if (multiline !== undefined) document.set(['sources', 'app', 'multiline'], multiline);
  document.set(['pipelines', 'logs'], { from: ['app'], stages: detection.best.written, to: ['backend'] });
  document.set(['sinks', 'backend'], { type: 'otlp', endpoint: 'http://localhost:4318' });
  return document;
}

/** The same for programs: one JSON object on a line. */
export function jsonOf(detected: DetectedInput, path: string | undefined): string {
  const { detection, container, multiline, records, unmatchedRecords, unmatched } = detected;
  const { best, confidence, second } = detection;
  const told = (found: Found | undefined) =>
    found && {
      name: found.name,
      ready_made: found.isReadyMade,
      summary: found.summary,
      fitting_records: found.fitting,
      ...found.tally,
    };
  return printableJson(
    JSON.stringify({
      format: told(best) ?? null,
      confidence: confidence ?? null,
      second: told(second) ?? null,
      container,
      multiline: multiline ?? null,
      records,
      unmatched_records: unmatchedRecords,
      unmatched,
      configuration: configurationOf(detected, path)?.value ?? null,
    }),
  );
}

function evidenceOf({ tally, fitting, isReadyMade }: Found): string {
  const { records, passed, timed, severe } = tally;
  const parts = [`${passed} read without failure`, `${timed} with a time`, `${severe} with a severity`];
  const shows = isReadyMade ? ' and show that they are of it' : '';
  return `${fitting} of ${count(records, 'record')} fit${shows}: ${parts.join(', ')}`;
}

function shareText({ summary, fitting, tally }: Found): string {
  return `${summary.replace(/\.$/, '')} (${fitting} of ${count(tally.records, 'record')} fit)`;
}

function unmatchedText({ count: lines, template, pattern }: UnmatchedLines, style: Style): string[] {
  const shown = printable(template.slice(0, MAX_SHOWN));
  const told = [`  ${count(lines, 'line')} like \`${shown}\``];
  if (pattern !== undefined) told.push(style.dim(`    a pattern that would: ${printable(pattern)}`));
  return told;
}

/** A text in lines of at most `MAX_COLUMNS`, each indented: a comment that is broken by the terminal is none. */
function wrapped(text: string): string[] {
  const lines = [' '];
  for (const word of text.split(' ')) {
    if (lines.at(-1)!.length + 1 + word.length > MAX_COLUMNS) lines.push(' ');
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
