import { ENDINGS, type Ending, type Plan, WRITER_ACTIONS, type WriterAction } from './plan.ts';
import type { TortureBackend } from './torture-backend.ts';

/** How often what happened. */
export interface Happened {
  readonly fired: TortureBackend['fired'];
  readonly endings: Readonly<Partial<Record<Ending, number>>>;
  readonly actions: Readonly<Partial<Record<WriterAction, number>>>;
}

/** What was planned and has not happened: a run proves nothing about it. */
export function neverHappened(plan: Plan, { fired, endings, actions }: Happened): string[] {
  const met = new Set([...plan.faults, ...plan.outages.map(({ kind }) => kind)]);
  return [
    ...[...met].filter((kind) => !fired[kind]),
    ...ENDINGS.filter((ending) => !endings[ending]),
    ...WRITER_ACTIONS.filter((action) => !actions[action]),
  ];
}
