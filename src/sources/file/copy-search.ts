import { basename } from 'node:path';
import { judgeCopy } from '../../checkpoint/file-identity.ts';
import type { Admission } from './admission.ts';
import { readContent } from './read-content.ts';
import { isRotatedName, type Siblings } from './rotated-siblings.ts';
import { byAge } from './rotation-searches.ts';
import { bornNsOf, type Sighting } from './sighting.ts';
import type { SourceReport } from './source-report.ts';
import { createStreamId } from './stream-id.ts';
import type { TailedFile, TailStart } from './tailed-file.ts';

/** How many rotated siblings are opened at most to find the copy of one stream. */
const MAX_OPENED = 64;

/** Which siblings can be copies, and how they are opened. */
export interface CopyCandidates {
  readonly admission: Pick<Admission, 'openSame'>;
  /** Whether nobody else looks at the file. */
  readonly isCandidate: (sighting: Sighting) => boolean;
  readonly report: SourceReport;
}

/**
 * The copy of a stream that has lost its bytes, among the siblings that a rotation may have made: opened, to go on where
 * the stream was. Its generation has moved there. O(candidates), up to a bound.
 */
export async function findCopy(
  { generation, home }: TailedFile,
  siblings: Siblings,
  { admission, isCandidate, report }: CopyCandidates,
): Promise<TailStart | undefined> {
  const { position } = generation;
  const isRotated = ({ path }: Sighting): boolean => isRotatedName(basename(path), basename(home));
  const youngestFirst = [...siblings.values()]
    .flat()
    .filter((sighting) => sighting.size >= position && isRotated(sighting) && isCandidate(sighting))
    .sort((a, b) => byAge(b, a));
  for (const { path, key, size } of youngestFirst.slice(0, MAX_OPENED)) {
    const opened = await admission.openSame({ path, key });
    if (opened === undefined) continue;
    const { file, stats } = opened;
    // One that cannot be read is none.
    const content = await readContent(file, position).catch(() => undefined);
    if (content !== undefined && judgeCopy(generation.evidence, content) === 'copy') {
      const bornNs = bornNsOf(stats);
      const id = createStreamId(report.source, key, bornNs);
      const account = report.ledger.account(id);
      account.begin(position);
      generation.moveTo(size, account);
      const state = { kind: 'leaving', file, cause: 'renamed', quietSinceMs: undefined } as const;
      return { id, key, path, home, bornNs, generation, state };
    }
    file.close();
  }
  return undefined;
}
