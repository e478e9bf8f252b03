import type { AgentReport, SinkReport } from '../agent/agent-report.ts';
import { formatReloadError } from '../agent/reload-report.ts';
import { count } from '../agent/summary.ts';
import { printable } from '../core/printable.ts';
import type { StreamReport } from '../ledger/ledger-report.ts';
import { sourceOfReader } from '../ledger/reader-name.ts';
import { sumOf } from '../ledger/reasons.ts';

/** How many files a person looks at. */
const MAX_FILES = 20;

/** How many errors of a configuration: `pillion check` shows all. */
const MAX_ERRORS = 5;

/** The state of an agent as a page of text: what has most to do comes first. */
export function formatStatus(report: AgentReport): string {
  const { version, state, uptime_seconds, streams, finished, sinks } = report;
  const byRest = streams.toSorted((a, b) => restOf(b) - restOf(a) || (a.path < b.path ? -1 : 1));
  const rows = [
    ['FILE', 'SIZE', 'READ', 'DELIVERED', 'UNREAD', 'LAG', 'SOURCE'],
    ...byRest.slice(0, MAX_FILES).map((stream) => fileRow(stream)),
  ];
  // Who reads a file is news only where several do.
  const files = streams.some(({ source }) => isOneOfSeveral(source)) ? rows : rows.map((row) => row.slice(0, -1));
  const finishedStreams = finishedByAll(finished);
  const more: string[] = [];
  if (streams.length > MAX_FILES) more.push(`and ${count(streams.length - MAX_FILES)} more files`);
  if (finishedStreams > 0) more.push(`${count(finishedStreams)} files are finished`);
  const sections = [
    `pillion ${version}, ${STATES[state]}, up for ${formatSeconds(uptime_seconds)}\n${formatConfig(report.config)}`,
    formatTable(files) + more.map((line) => `${line}\n`).join(''),
    formatTable([
      ['SINK', 'STATE', 'REQUESTS', 'DELIVERED', 'IN FLIGHT', 'RESENT', 'REJECTED'],
      ...sinks.map((sink) => sinkRow(sink)),
    ]) + sinks.map((sink) => troubleOf(sink)).join(''),
    formatBalance(report),
  ];
  return sections.join('\n');
}

const STATES: Record<AgentReport['state'], string> = {
  running: 'running',
  eager: 'sending eagerly',
  draining: 'draining',
};

/** What a person must know of the configuration: nothing, unless a changed one could not be taken over. */
function formatConfig(config: AgentReport['config']): string {
  if (config?.errors === undefined) return '';
  const { file, in_force_since, errors } = config;
  const since = `The configuration has changed and cannot be used; the one of ${in_force_since} is in force:`;
  const shown = errors.slice(0, MAX_ERRORS).map((error) => `  ${printable(formatReloadError(error))}`);
  if (errors.length > MAX_ERRORS) shown.push(`  and ${count(errors.length - MAX_ERRORS)} more: pillion check ${file}`);
  return [since, ...shown].map((line) => `${line}\n`).join('');
}

/** Whether a source has a reader for each sink, and this is the name of one of them. */
function isOneOfSeveral(reader: string): boolean {
  return reader !== sourceOfReader(reader);
}

/** How many files every reader of their source has finished. */
function finishedByAll(finished: AgentReport['finished']): number {
  const bySource = Map.groupBy(finished, ({ source }) => sourceOfReader(source));
  const least = Array.from(bySource.values(), (readers) => Math.min(...readers.map(({ streams }) => streams)));
  return least.reduce((sum, streams) => sum + streams, 0);
}

/** Bytes that are not delivered yet. */
function restOf({ bytes, offset, committed_offset }: StreamReport): number {
  return bytes.unread + (offset ?? 0) - (committed_offset ?? 0);
}

/** A file is delivered as far as it is at the slowest of its sinks. */
function fileRow({ source, path, size, bytes, routes, lag_seconds }: StreamReport): string[] {
  const delivered = routes.length === 0 ? 0 : Math.min(...routes.map((route) => route.delivered));
  return [
    printable(path),
    size === null ? '-' : formatBytes(size),
    formatBytes(bytes.read),
    count(delivered),
    formatBytes(bytes.unread),
    formatSeconds(lag_seconds),
    source,
  ];
}

function sinkRow(report: SinkReport): string[] {
  const { sink, state, retrying_seconds, requests, delivered, in_flight, resent, rejected } = report;
  const since = retrying_seconds === undefined ? '' : ` for ${formatSeconds(retrying_seconds)}`;
  return [sink, `${state}${since}`, ...[sumOf(requests), delivered, in_flight, resent, sumOf(rejected)].map(count)];
}

function troubleOf({ sink, error, cure, rejected }: SinkReport): string {
  const reasons = Object.entries(rejected).map(([reason, records]) => `${reason} ${count(records)}`);
  const lines = [
    ...(reasons.length === 0 ? [] : [`${sink} rejected: ${reasons.join(', ')}`]),
    ...(error === undefined ? [] : [`${sink}: ${printable(error)}`]),
    ...(cure === undefined ? [] : [`  hint: ${printable(cure)}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether every byte and record is explained; a person must know when not. */
function formatBalance({ streams, finished }: AgentReport): string {
  let bytes = 0;
  let records = 0;
  const losses = new Map<string, { gone: number; goneUnknown: number }>();
  for (const books of [...streams, ...finished]) {
    bytes += Math.abs(books.bytes.unaccounted);
    records += books.routes.reduce((sum, route) => sum + Math.abs(route.unaccounted), 0);
    // Readers of the same files lose the same bytes, or others: they cannot be added up.
    const reader = isOneOfSeveral(books.source) ? ` for ${books.source}` : '';
    const { gone, goneUnknown } = losses.get(reader) ?? { gone: 0, goneUnknown: 0 };
    const sums = { gone: gone + sumOf(books.bytes.gone), goneUnknown: goneUnknown + books.gone_unknown };
    losses.set(reader, sums);
  }
  const sentences = Array.from(losses, ([reader, { gone, goneUnknown }]) => [
    ...(gone > 0 ? [`${formatBytes(gone)} are gone before they could be read${reader}`] : []),
    ...(goneUnknown > 0 ? [`${count(goneUnknown)} times something was lost${reader} whose size nobody knows`] : []),
  ]);
  const balance =
    bytes === 0 && records === 0
      ? 'The ledger adds up'
      : `The ledger does not add up: ${count(bytes)} bytes and ${count(records)} records are unexplained, please report it`;
  return `${[balance, ...sentences.flat()].join('; ')}.\n`;
}

const TEXT_COLUMNS = new Set(['FILE', 'SOURCE', 'SINK', 'STATE']);

/** Words to the left, numbers to the right. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isText = rows[0]!.map((head) => TEXT_COLUMNS.has(head));
  const format = (row: readonly string[]): string =>
    row.map((cell, i) => (isText[i] ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return rows.map((row) => `${format(row).trimEnd()}\n`).join('');
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < BYTE_UNITS.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
