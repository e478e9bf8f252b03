import type { EndedLife } from './agent-lives.ts';

/**
 * Whether the sums that an agent leaves add up, and agree with what the backend saw; what does not, a sentence each.
 * `arrived`: different records of that life that the backend took or refused.
 */
export function checkSums(
  { summary, isClean }: EndedLife,
  arrived: { readonly least: number; readonly most: number },
): string[] {
  if (summary === undefined) return [];
  const { readRecords, droppedRecords, deliveredRecords, rejectedRecords, abandonedRecords, unreadBytes } = summary;
  const settled = deliveredRecords + rejectedRecords;
  const wrong: string[] = [];
  if (readRecords !== settled + droppedRecords + abandonedRecords) wrong.push('read is not the sum of the outcomes');
  const { least, most } = arrived;
  if (settled > most) wrong.push(`${settled} records are settled, ${most} arrived`);
  if (isClean && settled < least) wrong.push(`it ended well with ${settled} of ${least} records settled`);
  if (isClean && abandonedRecords + unreadBytes > 0) wrong.push('it ended well and left something');
  return wrong.map((sentence) => `${sentence}: ${JSON.stringify(summary)}`);
}
