import type { Sighting } from './sighting.ts';
import type { SourceReport } from './source-report.ts';
import { createStreamId } from './stream-id.ts';

/** Says that a file that was seen, and never could be opened, is gone with all that was in it. */
export function giveUpMissed({ key, path, size, bornNs }: Sighting, report: SourceReport): void {
  const { ledger, source } = report;
  const account = ledger.account(createStreamId(source, key, bornNs));
  account.name = path;
  account.saw(size);
  report.vanished({ path, offset: 0, account }, size);
  ledger.close(account);
}
