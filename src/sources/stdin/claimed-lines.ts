import type { Framed } from '../../framing/framer.ts';
import type { Claimed } from '../../ledger/stream-account.ts';

/** What a batch of lines is for the ledger; `records`: how many the batch has. */
export function claimedLines(records: number, framed: Framed<string>): Claimed {
  const { consumed, emptyLines, oversizeRestBytes } = framed;
  return {
    bytes: consumed,
    skipped: { oversize_rest: oversizeRestBytes },
    records: records + emptyLines,
    emptyLines,
  };
}
