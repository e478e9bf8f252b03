import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GROUP_FILE, READY_MADE_FOLDER } from '../config/ready-made.ts';

/** A first stage that reads nothing but JSON. */
const ONLY_JSON = /^stages:\s*\n(?:\s*#.*\n)*\s*- json\b[^\n]*\n(?!\s+if:)/m;
const READS_JSON = /^\s*- json\b/m;

/** So many pipelines are tried: checking and building one takes a few milliseconds in a process that has just begun. */
const MAX_PIPELINES = 5;
/** Lines that are looked at, of the input and of each case. */
const MAX_LINES = 20;
/** How much of two lines is compared. */
const MAX_BEGINNING = 32;
/** What a name in the path is worth, beside a likeness from 0 to 1. */
const NAMED = 0.5;

/**
 * The ready-made pipelines that lines like these are most likely for, by the text of their files and of their cases,
 * without checking them: for a command that is to print its first line at once.
 */
export function likelyPipelines(names: readonly string[], lines: readonly string[], path: string): string[] {
  const shown = lines.slice(0, MAX_LINES);
  const objects = shown.filter((line) => line.startsWith('{'));
  const likenesses = names.map((name) => {
    const text = readFileSync(join(READY_MADE_FOLDER, name, GROUP_FILE), 'utf8');
    const isNamed = path.toLowerCase().includes(name.split('-')[0]!);
    return { name, likeness: likeness(name, text, shown, objects) + (isNamed ? NAMED : 0) };
  });
  return likenesses
    .filter(({ likeness }) => likeness > 0)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, MAX_PIPELINES)
    .map(({ name }) => name);
}

function likeness(name: string, text: string, lines: readonly string[], objects: readonly string[]): number {
  if (2 * objects.length > lines.length) return READS_JSON.test(text) ? keyLikeness(text, objects) : 0;
  return ONLY_JSON.test(text) ? 0 : lineLikeness(casesOf(name), lines);
}

/** The share of the keys of JSON objects that the pipeline names. */
function keyLikeness(text: string, objects: readonly string[]): number {
  const keys = new Set(objects.flatMap((line) => Array.from(line.matchAll(/"([\w@.-]+)":/g), ([, key]) => key!)));
  const words = new Set(text.match(/[\w@.-]+/g));
  return [...keys].filter((key) => words.has(key)).length / Math.max(1, keys.size);
}

/** How alike the beginnings of lines are, of the two that are most alike. */
function lineLikeness(cases: readonly string[], lines: readonly string[]): number {
  const shapes = new Set(lines.map(beginningOf));
  let most = 0;
  for (const one of new Set(cases.map(beginningOf))) {
    for (const other of shapes) {
      let common = 0;
      while (common < one.length && one[common] === other[common]) common++;
      most = Math.max(most, common);
    }
  }
  return most / MAX_BEGINNING;
}

/** What a line begins with: digits are alike, and so are letters of the same case, however many. */
function beginningOf(line: string): string {
  return line
    .slice(0, 2 * MAX_BEGINNING)
    .replace(/\d/g, '0')
    .replace(/[a-z]+/g, 'a')
    .replace(/[A-Z]+/g, 'A')
    .slice(0, MAX_BEGINNING);
}

function casesOf(name: string): string[] {
  const folder = join(READY_MADE_FOLDER, name, 'cases');
  const files = globSync('*.log', { cwd: folder });
  return files.flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n', MAX_LINES));
}
