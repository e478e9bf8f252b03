import type { ConfiguredGroup } from './agent-config.ts';
import type { CheckContext } from './check-context.ts';
import { checkStage } from './check-stage.ts';
import { checkReadyMade } from './check-use.ts';
import { Report } from './config-document.ts';
import type { LocatedError } from './located-error.ts';
import { PlainDocument } from './plain-document.ts';
import { READY_MADE_FOLDER, readyMadeNames } from './ready-made.ts';

/** Ready-made pipelines that were checked, and what is wrong with the others. */
export interface LoadedReadyMade {
  readonly groups: readonly ConfiguredGroup[];
  readonly errors: readonly LocatedError[];
}

/** Loads ready-made pipelines: all of them, or those that `isWanted` says of the text of their file. */
export async function loadReadyMade(
  context: CheckContext,
  isWanted: (name: string) => boolean = () => true,
): Promise<LoadedReadyMade> {
  const document = new PlainDocument();
  const report = new Report(document);
  const names = readyMadeNames(context.pipelinesFolder ?? READY_MADE_FOLDER).filter(isWanted);
  const check = { ...context, document, report, openFiles: [] };
  const groups = await checkReadyMade(names, 'forward', [], check, checkStage);
  return { groups, errors: report.errors };
}
