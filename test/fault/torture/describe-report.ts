import type { Report } from './torture.ts';

/** Whether the agent did all that it promises. */
export function isGood({ lost, violations }: Report): boolean {
  return lost.length === 0 && violations.length === 0;
}

/** A run in one line, and a line for everything that is wrong. */
export function describeReport(report: Report): string[] {
  const { plan, seconds, written, lost, violations, oracle, happened } = report;
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
  const { none = 0, ...faults } = happened.fired;
  const repeats = oracle.repeatsByLife;
  const lines = sum(written);
  return [
    [
      `seed ${plan.seed}: ${seconds.toFixed(1)} s`,
      `${lines} lines`,
      `${sum(happened.endings)} lives`,
      `${sum(faults)} faults in ${sum(happened.fired)} requests and outages`,
      `lost ${lost.length}`,
      `other violations ${violations.length}`,
      `refused by partial success ${oracle.refusedLines}`,
      `repeats: ${oracle.unansweredRepeats} without an answer`,
      `${oracle.copyRepeats} out of copies`,
      `${oracle.headRepeats} out of heads of compressed files`,
      `${repeats.reduce((a, b) => a + b, 0)} after ${repeats.length} sudden ends (at most ${Math.max(0, ...repeats)})`,
      isGood(report) ? 'good' : 'FAILED',
    ].join(', '),
    ...lost.slice(0, 10).map((line) => `  lost: ${line}`),
    ...violations.map((violation) => `  ${violation}`),
  ];
}
