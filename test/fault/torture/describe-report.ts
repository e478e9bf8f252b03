import { FAULTS, type Fault } from './faults.ts';
import { ENDINGS, WRITER_ACTIONS } from './plan.ts';
import type { Report } from './torture.ts';

/** What was planned and did not happen: a run proves nothing about it. */
export function neverHappened({ plan, fired, endings, written }: Report): string[] {
  const faults = (Object.keys(FAULTS) as Fault[]).filter((fault) => plan.faults.includes(fault));
  const outages = new Set(plan.outages.map(({ kind }) => kind));
  return [
    ...[...faults, ...outages].filter((kind) => !fired[kind]),
    ...ENDINGS.filter((ending) => !endings[ending]),
    ...WRITER_ACTIONS.filter((action) => !written.done[action]),
  ];
}

/** Whether the agent did all that it promises. */
export function isGood({ lost, violations }: Report): boolean {
  return lost.length === 0 && violations.length === 0;
}

/** A run in one line, and a line for everything that is wrong. */
export function describeReport(report: Report): string[] {
  const { plan, seconds, written, lost, violations, oracle, endings, fired } = report;
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
  const { none = 0, ...faults } = fired;
  const repeats = oracle.repeatsByLife;
  const lines = sum(written.lastLines);
  return [
    [
      `seed ${plan.seed}: ${seconds.toFixed(1)} s`,
      `${lines} lines`,
      `${sum(endings)} lives`,
      `${sum(faults)} faults in ${sum(fired)} requests and outages`,
      `lost ${lost.length}`,
      `other violations ${violations.length}`,
      `refused by partial success ${oracle.refusedLines}`,
      `repeats: ${oracle.unansweredRepeats} without an answer`,
      `${oracle.copyRepeats} out of copies`,
      `${repeats.reduce((a, b) => a + b, 0)} after ${repeats.length} sudden ends (at most ${Math.max(0, ...repeats)})`,
      isGood(report) ? 'good' : 'FAILED',
    ].join(', '),
    ...lost.slice(0, 10).map((line) => `  lost: ${line}`),
    ...violations.map((violation) => `  ${violation}`),
  ];
}
