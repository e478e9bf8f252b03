import type { Metrics } from '../telemetry/metrics.ts';

/** What an agent did in its life, added up: the sums must agree. */
export interface Summary {
  readonly readRecords: number;
  readonly readBytes: number;
  /** Bytes that are in the files and were not read, because the agent had to stop first. */
  readonly unreadBytes: number;
  readonly droppedRecords: number;
  readonly deliveredRecords: number;
  readonly rejectedRecords: number;
  /** Records without an answer at the end; they are read again at the next start. */
  readonly abandonedRecords: number;
  readonly resentRecords: number;
}

/** Adds up the metrics of sources and sinks. With several sinks, each record counts at each of them. */
export function summarize(metrics: Metrics): Summary {
  return {
    readRecords: metrics.sum('pillion_source_records_total'),
    readBytes: metrics.sum('pillion_source_read_bytes_total'),
    unreadBytes: metrics.sum('pillion_source_unread_bytes'),
    droppedRecords: metrics.sum('pillion_dropped_records_total'),
    deliveredRecords: metrics.sum('pillion_sink_delivered_records_total'),
    rejectedRecords: metrics.sum('pillion_sink_rejected_records_total'),
    abandonedRecords:
      metrics.sum('pillion_sink_abandoned_records_total') + metrics.sum('pillion_source_abandoned_records_total'),
    resentRecords: metrics.sum('pillion_sink_resent_records_total'),
  };
}

/** The summary as one sentence for people. What is zero and nobody asks for is left out. */
export function formatSummary(summary: Summary, seconds: number): string {
  const parts = [
    `${count(summary.readRecords)} records read (${count(summary.readBytes)} bytes)`,
    `${count(summary.deliveredRecords)} delivered`,
    `${count(summary.droppedRecords)} dropped`,
    `${count(summary.rejectedRecords)} rejected`,
  ];
  if (summary.resentRecords > 0) parts.push(`${count(summary.resentRecords)} sent again`);
  if (summary.abandonedRecords > 0) parts.push(`${count(summary.abandonedRecords)} without an answer`);
  if (summary.unreadBytes > 0) parts.push(`${count(summary.unreadBytes)} bytes unread`);
  return `Stopped after draining for ${seconds.toFixed(1)} s: ${parts.join(', ')}.`;
}

/** With commas between thousands; `toLocaleString()` would load 10 ms of language data. */
function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
