import assert from 'node:assert/strict';
import type { AgentReport } from '../../src/agent/agent-report.ts';
import type { BooksReport } from '../../src/ledger/ledger-report.ts';
import type { PillionProcess } from './agent-process.ts';

/** What a configuration says to have an admin address on a free port. */
export const ADMIN = { listen: '127.0.0.1:0' };

/** The admin address of a running agent, which has `ADMIN` in its configuration. */
export async function adminOf(agent: PillionProcess): Promise<string> {
  const message = 'The admin address answers.';
  await agent.logged(message);
  return String(agent.log.find(({ msg }) => msg === message)?.['address']);
}

/** The port of the health address of a running agent, which has one on a free port in its configuration. */
export async function healthOf(agent: PillionProcess): Promise<number> {
  const message = 'The health address answers.';
  await agent.logged(message);
  return Number(/\d+$/.exec(String(agent.log.find(({ msg }) => msg === message)?.['address']))?.[0]);
}

/** What the agent answers to `GET /ledger`. */
export async function askLedger(agent: PillionProcess): Promise<AgentReport> {
  const response = await fetch(`http://${await adminOf(agent)}/ledger`);
  assert.equal(response.status, 200);
  return (await response.json()) as AgentReport;
}

/** The value of each series of `GET /metrics`, by its name and labels as they stand there. */
export async function askMetrics(agent: PillionProcess): Promise<Map<string, number>> {
  const text = await (await fetch(`http://${await adminOf(agent)}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line): [string, number] => [line.replace(/ \S+$/, ''), Number(/\S+$/.exec(line)?.[0])]));
}

/** Both equations of the ledger hold for these books, with nothing left unexplained. */
export function assertBalanced({ bytes, records, routes, ...rest }: BooksReport): void {
  const where = JSON.stringify({ bytes, records, routes, ...rest });
  assert.equal(bytes.seen, bytes.read + sum(bytes.skipped) + sum(bytes.gone) + bytes.unread, where);
  assert.equal(bytes.unaccounted, 0, where);
  for (const route of routes) {
    const { framed, delivered, dropped, rejected, in_flight, abandoned, unaccounted } = route;
    assert.equal(framed, delivered + sum(dropped) + sum(rejected) + in_flight + abandoned, where);
    assert.equal(unaccounted, 0, where);
    assert.ok(in_flight >= 0, where);
  }
}

/** Every book of the ledger is balanced. */
export function assertLedger({ streams, finished }: Pick<AgentReport, 'streams' | 'finished'>): void {
  for (const books of [...streams, ...finished]) assertBalanced(books);
}

/** The books of all streams and routes, added up by what the columns are called. */
export function addUp({ streams, finished }: Pick<AgentReport, 'streams' | 'finished'>) {
  const total = { seen: 0, read: 0, skipped: 0, gone: 0, unread: 0, framed: 0, delivered: 0, dropped: 0, rejected: 0 };
  const flying = { inFlight: 0, abandoned: 0 };
  for (const { bytes, routes } of [...streams, ...finished]) {
    total.seen += bytes.seen;
    total.read += bytes.read;
    total.skipped += sum(bytes.skipped);
    total.gone += sum(bytes.gone);
    total.unread += bytes.unread;
    for (const route of routes) {
      total.framed += route.framed;
      total.delivered += route.delivered;
      total.dropped += sum(route.dropped);
      total.rejected += sum(route.rejected);
      flying.inFlight += route.in_flight;
      flying.abandoned += route.abandoned;
    }
  }
  return { ...total, ...flying };
}

function sum(amounts: Readonly<Record<string, number>>): number {
  return Object.values(amounts).reduce((a, b) => a + b, 0);
}
