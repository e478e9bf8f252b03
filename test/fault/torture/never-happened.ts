import type { Oracle } from './oracle.ts';
import { ENDINGS, type Ending, type Plan, WRITER_ACTIONS, type WriterAction } from './plan.ts';
import type { TortureBackend } from './torture-backend.ts';

/** How often what happened. */
export interface Happened {
  readonly fired: TortureBackend['fired'];
  readonly endings: Readonly<Partial<Record<Ending, number>>>;
  readonly actions: Readonly<Partial<Record<WriterAction, number>>>;
  readonly oracle: Oracle;
}

/** What was planned and has not happened: a run proves nothing about it. */
export function neverHappened(plan: Plan, { fired, endings, actions, oracle }: Happened): string[] {
  const met = new Set([...plan.faults, ...plan.outages.map(({ kind }) => kind)]);
  return [
    ...[...met].filter((kind) => !fired[kind]),
    ...ENDINGS.filter((ending) => !endings[ending]),
    ...WRITER_ACTIONS.filter((action) => !actions[action]),
    // Where nothing comes again, no fault has hit anything that was under way.
    ...(oracle.unansweredRepeats > 0 ? [] : ['a repeat of what was not answered']),
    ...(oracle.repeatsByLife.length > 0 ? [] : ['a repeat after a sudden end']),
  ];
}
