import type { ConfiguredGroup } from './agent-config.ts';
import type { CheckContext } from './check-context.ts';
import { checkStage } from './check-stage.ts';
import { checkReadyMade } from './check-use.ts';
import { Report } from './config-document.ts';
import type { LocatedError } from './located-error.ts';
import { PlainDocument } from './plain-document.ts';

/** Ready-made pipelines that were checked, and what is wrong with the others. */
export interface LoadedReadyMade {
  readonly groups: readonly ConfiguredGroup[];
  readonly errors: readonly LocatedError[];
}

/** Loads the ready-made pipelines of these names. */
export async function loadReadyMade(names: readonly string[], context: CheckContext): Promise<LoadedReadyMade> {
  const document = new PlainDocument();
  const report = new Report(document);
  const check = { ...context, document, report, used: new Map<string, string>(), openFiles: [] };
  const groups = await checkReadyMade(names, 'forward', [], check, checkStage);
  return { groups, errors: report.errors };
}
