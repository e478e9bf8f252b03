import type { Lease } from '../core/lease.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { Counter } from '../telemetry/metrics.ts';

/** Ends the records of a batch at a sink that takes metrics alone: they are delivered, since stages have counted them. */
export function settleCounted(batch: RecordBatch, lease: Lease, delivered: Counter): void {
  const records = liveRecords(batch);
  delivered.add(records);
  lease.count('delivered', records);
  lease.settle(records === 0 ? 'dropped' : 'delivered');
}

/** How many records of a batch there are for a sink. O(records). */
export function liveRecords(batch: RecordBatch): number {
  let records = 0;
  for (let record = 0; record < batch.count; record++) if (batch.isLive(record)) records++;
  return records;
}
