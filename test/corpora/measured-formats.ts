import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import { readyMade } from '../harness/ready-made.ts';
import { CORPUS_FILES } from './files.ts';
import { formatsPage, type MeasuredFormat } from './formats-page.ts';
import { KNOWN_DIFFERENCES, type KnownDifference, knownDifference } from './known-differences.ts';
import { type Disagreement, type Measure, measure } from './measure.ts';

/** Where the corpora lie: beside the project. They are no part of it. */
export const CORPORA = join(import.meta.dirname, '../../../shared/corpora');

/** Why nothing can be measured; false: it can. */
export const missingCorpora = existsSync(join(CORPORA, 'loghub')) ? false : 'the corpora of logs are not there';

/** The page that the measures are kept in. */
export const FORMATS_PAGE = join(import.meta.dirname, '../../docs/formats.md');

/** Measures each file of the corpora once. */
export async function measureFiles(): Promise<ReadonlyMap<string, Measure>> {
  const measures = new Map<string, Measure>();
  for (const file of CORPUS_FILES) {
    const pipeline = await readyMade(file.pipeline);
    measures.set(`${file.pipeline} ${file.path}`, measure(CORPORA, file, pipeline));
  }
  return measures;
}

/** How many disagreements are known, by what is known of them; and those that are not. */
export function sortDisagreements(measures: ReadonlyMap<string, Measure>): {
  readonly known: ReadonlyMap<KnownDifference, number>;
  readonly unknown: readonly Disagreement[];
} {
  const known = new Map(KNOWN_DIFFERENCES.map((difference) => [difference, 0]));
  const unknown: Disagreement[] = [];
  for (const disagreement of [...measures.values()].flatMap(({ disagreements }) => disagreements)) {
    const difference = knownDifference(disagreement);
    if (difference === undefined) unknown.push(disagreement);
    else known.set(difference, known.get(difference)! + 1);
  }
  return { known, unknown };
}

/** The page with what was measured, in the order of the pipelines' names. */
export function pageOf(measures: ReadonlyMap<string, Measure>): string {
  const names = readyMadeNames(READY_MADE_FOLDER);
  const formats = names.flatMap((pipeline): MeasuredFormat[] => {
    const paths = CORPUS_FILES.filter((file) => file.pipeline === pipeline).map(({ path }) => path);
    if (paths.length === 0) return [];
    return [{ pipeline, paths, measures: paths.map((path) => measures.get(`${pipeline} ${path}`)!) }];
  });
  const measured = new Set(formats.map(({ pipeline }) => pipeline));
  const others = names.filter((name) => !measured.has(name));
  return formatsPage(formats, sortDisagreements(measures).known, others);
}
