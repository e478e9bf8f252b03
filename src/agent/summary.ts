import type { LedgerReport } from '../ledger/ledger-report.ts';
import { sinkOfReader, sourceOfReader } from '../ledger/reader-name.ts';
import type { MetricName } from '../telemetry/metric-names.ts';
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
  /** Values of metrics that were pushed, by what became of them. */
  readonly deliveredPoints: number;
  readonly droppedPoints: number;
  readonly rejectedPoints: number;
  readonly abandonedPoints: number;
  /** How often metrics were asked for. */
  readonly answeredScrapes: number;
}

/**
 * Adds up the metrics of sources and sinks. What is read counts once: of a source with several readers, as often as for
 * the one that read, or left, most. What became of it counts at each sink.
 */
export function summarize(metrics: Metrics): Summary {
  return {
    readRecords: sumOverSources(metrics, 'pillion_source_records_total'),
    readBytes: sumOverSources(metrics, 'pillion_source_read_bytes_total'),
    unreadBytes: sumOverSources(metrics, 'pillion_source_unread_bytes'),
    droppedRecords: metrics.sum('pillion_dropped_records_total'),
    deliveredRecords: metrics.sum('pillion_sink_delivered_records_total'),
    rejectedRecords: metrics.sum('pillion_sink_rejected_records_total'),
    abandonedRecords:
      metrics.sum('pillion_sink_abandoned_records_total') + metrics.sum('pillion_source_abandoned_records_total'),
    resentRecords: metrics.sum('pillion_sink_resent_records_total'),
    deliveredPoints: metrics.sum('pillion_sink_delivered_points_total'),
    droppedPoints: metrics.sum('pillion_sink_dropped_points_total'),
    rejectedPoints: metrics.sum('pillion_sink_rejected_points_total'),
    abandonedPoints: metrics.sum('pillion_sink_abandoned_points_total'),
    answeredScrapes: metrics.sum('pillion_exposition_scrapes_total'),
  };
}

function sumOverSources(metrics: Metrics, name: MetricName): number {
  const most = new Map<string, number>();
  for (const [reader, amount] of Object.entries(metrics.sumBy(name, 'source'))) {
    const source = sourceOfReader(reader);
    most.set(source, Math.max(amount, most.get(source) ?? 0));
  }
  return [...most.values()].reduce((sum, amount) => sum + amount, 0);
}

/** A file that the agent has left behind at its end. */
export interface LeftFile {
  readonly path: string;
  /** The sink that lacks it, where each sink has a reader of its own. */
  readonly sink?: string;
  readonly unreadBytes: number;
  /** Bytes read whose records were not all answered for: they are read again. */
  readonly unansweredBytes: number;
}

/** The files that something is left of, the largest rest first. */
export function leftFiles({ streams }: LedgerReport): LeftFile[] {
  const left: LeftFile[] = [];
  for (const { source, path, bytes, offset, committed_offset } of streams) {
    const unreadBytes = bytes.unread;
    const unansweredBytes = (offset ?? 0) - (committed_offset ?? 0);
    const sink = sinkOfReader(source);
    if (unreadBytes > 0 || unansweredBytes > 0) {
      left.push({ path, ...(sink !== undefined && { sink }), unreadBytes, unansweredBytes });
    }
  }
  const restOf = ({ unreadBytes, unansweredBytes }: LeftFile): number => unreadBytes + unansweredBytes;
  return left.sort((a, b) => restOf(b) - restOf(a));
}

/**
 * The summary as text for people, of at most `maxBytes` bytes: what is zero and nobody asks for is left out, and of the
 * files that something is left of there are as many as fit.
 */
export function formatSummary(
  summary: Summary,
  left: readonly LeftFile[],
  { seconds, maxBytes }: { readonly seconds: number; readonly maxBytes: number },
): string {
  const sums = `Stopped after draining for ${seconds.toFixed(1)} s: ${formatSums(summary)}.`;
  return left.length === 0 ? sums : `${sums} Left: ${formatLeft(left, maxBytes - Buffer.byteLength(sums) - 7)}.`;
}

/** What became of records, of values of metrics, and who asked for them: an agent for metrics alone has no records to speak of. */
function formatSums(summary: Summary): string {
  const parts: string[] = [];
  const { deliveredPoints, droppedPoints, rejectedPoints, abandonedPoints, answeredScrapes } = summary;
  if (deliveredPoints + droppedPoints + rejectedPoints + abandonedPoints > 0) {
    const outcomes = [`${count(deliveredPoints)} values of metrics delivered`];
    if (droppedPoints > 0) outcomes.push(`${count(droppedPoints)} dropped`);
    if (rejectedPoints > 0) outcomes.push(`${count(rejectedPoints)} rejected`);
    if (abandonedPoints > 0) outcomes.push(`${count(abandonedPoints)} without an answer`);
    parts.push(outcomes.join(', '));
  }
  if (answeredScrapes > 0)
    parts.push(`metrics asked for ${answeredScrapes === 1 ? 'once' : `${count(answeredScrapes)} times`}`);
  const { readRecords, readBytes, unreadBytes, deliveredRecords, abandonedRecords } = summary;
  const hasRecords = readRecords + readBytes + unreadBytes + deliveredRecords + abandonedRecords > 0;
  if (hasRecords || parts.length === 0) parts.unshift(formatRecords(summary));
  return parts.join('; ');
}

function formatRecords(summary: Summary): string {
  const parts = [
    `${counted(summary.readRecords, 'record')} read (${counted(summary.readBytes, 'byte')})`,
    `${count(summary.deliveredRecords)} delivered`,
    `${count(summary.droppedRecords)} dropped`,
    `${count(summary.rejectedRecords)} rejected`,
  ];
  if (summary.resentRecords > 0) parts.push(`${count(summary.resentRecords)} sent again`);
  if (summary.abandonedRecords > 0) parts.push(`${count(summary.abandonedRecords)} without an answer`);
  if (summary.unreadBytes > 0) parts.push(`${counted(summary.unreadBytes, 'byte')} unread`);
  return parts.join(', ');
}

/** As many files as fit into `maxBytes` bytes; the others as a number and their sums. */
function formatLeft(left: readonly LeftFile[], maxBytes: number): string {
  const parts: string[] = [];
  let length = 0;
  const rest = { unreadBytes: 0, unansweredBytes: 0 };
  let restFiles = 0;
  for (const file of left) {
    const part = `${JSON.stringify(file.path)} (${formatRest(file)})`;
    length += Buffer.byteLength(part) + 2;
    if (restFiles === 0 && length <= maxBytes - MAX_REST_BYTES) {
      parts.push(part);
      continue;
    }
    restFiles++;
    rest.unreadBytes += file.unreadBytes;
    rest.unansweredBytes += file.unansweredBytes;
  }
  if (restFiles > 0)
    parts.push(`${count(restFiles)} ${parts.length > 0 ? 'more files' : 'files'} (${formatRest(rest)})`);
  return parts.join(', ');
}

/** What the words about the files that do not fit take at most. */
const MAX_REST_BYTES = 120;

function formatRest({ sink, unreadBytes, unansweredBytes }: Omit<LeftFile, 'path'>): string {
  const parts: string[] = [];
  if (unreadBytes > 0) parts.push(`${counted(unreadBytes, 'byte')} unread`);
  if (unansweredBytes > 0) parts.push(`${counted(unansweredBytes, 'byte')} unanswered`);
  return `${sink === undefined ? '' : `for ${sink}: `}${parts.join(', ')}`;
}

/** `1 record`, `2,000 records` */
function counted(value: number, unit: string): string {
  return `${count(value)} ${unit}${value === 1 ? '' : 's'}`;
}

/** With commas between thousands; `toLocaleString()` would load 10 ms of language data. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
