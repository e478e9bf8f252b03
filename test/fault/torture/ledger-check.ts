import type { AgentReport } from '../../../src/agent/agent-report.ts';
import { addUp, assertLedger } from '../../harness/admin.ts';
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

/** Whether both equations hold in every book of the ledger, at any moment; what does not, a sentence. */
export function checkLedger(ledger: AgentReport): string[] {
  try {
    assertLedger(ledger);
    return [];
  } catch (error) {
    return [`the ledger does not add up: ${String(error)}`];
  }
}

/**
 * Whether the ledger, now at rest, leaves nothing open. What a killed life had delivered and not committed is named as
 * gone where its file was removed before the next life saw it, or is not known at all: so nothing is said of the sums.
 */
export function checkLedgerAtRest(ledger: AgentReport): string[] {
  const { unread, inFlight } = addUp(ledger);
  const wrong = checkLedger(ledger);
  if (unread + inFlight > 0) wrong.push(`the ledger has ${unread} bytes unread, and ${inFlight} records in flight`);
  return wrong;
}
