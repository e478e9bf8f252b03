/** `npm run formats`: measures the ready-made pipelines by the corpora, and writes `docs/formats.md`. */
import { writeFileSync } from 'node:fs';
import { FORMATS_PAGE, measureFiles, missingCorpora, pageOf } from './measured-formats.ts';

if (missingCorpora === false) {
  writeFileSync(FORMATS_PAGE, pageOf(await measureFiles()));
  process.stdout.write('docs/formats.md written\n');
} else {
  process.stderr.write(`Cannot measure the formats: ${missingCorpora}\n`);
  process.exitCode = 1;
}
