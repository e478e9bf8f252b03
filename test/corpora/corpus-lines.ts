import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linesOf } from '../harness/hostile-lines.ts';
import { CORPUS_FILES } from './files.ts';
import { CORPORA, missingCorpora } from './measured-formats.ts';

/** Lines of the corpora that a ready-made pipeline reads, up to 500 of each file; none where the corpora are not there. */
export function corpusLines(pipeline: string): Buffer[] {
  if (missingCorpora !== false) return [];
  const files = CORPUS_FILES.filter((file) => file.pipeline === pipeline);
  return files.flatMap(({ path, prepare }) => {
    const file = readFileSync(join(CORPORA, path));
    return linesOf(prepare === undefined ? file : Buffer.from(prepare(file.toString()))).slice(0, 500);
  });
}
