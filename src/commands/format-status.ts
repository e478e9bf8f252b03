import type { AgentReport, SinkReport } from '../agent/agent-report.ts';
import { count } from '../agent/summary.ts';
import { printable } from '../core/printable.ts';
import type { StreamReport } from '../ledger/ledger-report.ts';
import { sumOf } from '../ledger/reasons.ts';

/** How many files a person looks at. */
const MAX_FILES = 20;

/** The state of an agent as a page of text: what has most to do comes first. */
export function formatStatus(report: AgentReport): string {
  const { version, state, uptime_seconds, streams, finished, sinks } = report;
  const byRest = streams.toSorted((a, b) => restOf(b) - restOf(a) || (a.path < b.path ? -1 : 1));
  const files = [
    ['FILE', 'SIZE', 'READ', 'DELIVERED', 'UNREAD', 'LAG'],
    ...byRest.slice(0, MAX_FILES).map((stream) => fileRow(stream)),
  ];
  const finishedStreams = finished.reduce((sum, source) => sum + source.streams, 0);
  const more: string[] = [];
  if (streams.length > MAX_FILES) more.push(`and ${count(streams.length - MAX_FILES)} more files`);
  if (finishedStreams > 0) more.push(`${count(finishedStreams)} files are finished`);
  const sections = [
    `pillion ${version}, ${STATES[state]}, up for ${formatSeconds(uptime_seconds)}\n`,
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

/** Bytes that are not delivered yet. */
function restOf({ bytes, offset, committed_offset }: StreamReport): number {
  return bytes.unread + (offset ?? 0) - (committed_offset ?? 0);
}

/** A file is delivered as far as it is at the slowest of its sinks. */
function fileRow({ path, size, bytes, routes, lag_seconds }: StreamReport): string[] {
  const delivered = routes.length === 0 ? 0 : Math.min(...routes.map((route) => route.delivered));
  return [
    printable(path),
    size === null ? '-' : formatBytes(size),
    formatBytes(bytes.read),
    count(delivered),
    formatBytes(bytes.unread),
    formatSeconds(lag_seconds),
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
  let gone = 0;
  let goneUnknown = 0;
  for (const books of [...streams, ...finished]) {
    bytes += Math.abs(books.bytes.unaccounted);
    records += books.routes.reduce((sum, route) => sum + Math.abs(route.unaccounted), 0);
    gone += sumOf(books.bytes.gone);
    goneUnknown += books.gone_unknown;
  }
  const losses = [
    ...(gone > 0 ? [`${formatBytes(gone)} are gone before they could be read`] : []),
    ...(goneUnknown > 0 ? [`${count(goneUnknown)} times something was lost whose size nobody knows`] : []),
  ];
  const balance =
    bytes === 0 && records === 0
      ? 'The ledger adds up'
      : `The ledger does not add up: ${count(bytes)} bytes and ${count(records)} records are unexplained, please report it`;
  return `${[balance, ...losses].join('; ')}.\n`;
}

/** The first column of words to the left, the numbers to the right. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isText = rows[0]!.map((head) => head === 'FILE' || head === 'SINK' || head === 'STATE');
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
