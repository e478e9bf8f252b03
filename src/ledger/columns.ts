import type { Outcome } from '../core/lease.ts';
import { type Amounts, addAmount, addAmounts, parseAmounts, parseCount, sumOf } from './reasons.ts';

/** The records of one route, by what became of them. The rest of `framed` is on its way. */
export interface RouteColumns {
  framed: number;
  delivered: number;
  abandoned: number;
  readonly dropped: Amounts;
  readonly rejected: Amounts;
}

/** What was made of bytes that were claimed: one range of them, or all of a stream. */
export class Columns {
  /** Bytes that became records, with their line ends. */
  readBytes = 0;
  /** Bytes passed over on purpose. */
  readonly skipped: Amounts = {};
  /** Records framed. */
  framed = 0;
  /** By the name of the route. */
  readonly routes: Record<string, RouteColumns> = {};

  /** The columns of a route, which is made when it is new. */
  route(name: string): RouteColumns {
    return (this.routes[name] ??= { framed: 0, delivered: 0, abandoned: 0, dropped: {}, rejected: {} });
  }

  count(route: string, outcome: Outcome, records: number, reason: string): void {
    const columns = this.route(route);
    switch (outcome) {
      case 'delivered':
      case 'abandoned':
        columns[outcome] += records;
        break;
      case 'dropped':
      case 'rejected':
        addAmount(columns[outcome], reason, records);
        break;
      default:
        outcome satisfies never;
    }
  }

  add(other: Columns): void {
    this.readBytes += other.readBytes;
    this.framed += other.framed;
    addAmounts(this.skipped, other.skipped);
    for (const name in other.routes) {
      const from = other.routes[name]!;
      const to = this.route(name);
      to.framed += from.framed;
      to.delivered += from.delivered;
      to.abandoned += from.abandoned;
      addAmounts(to.dropped, from.dropped);
      addAmounts(to.rejected, from.rejected);
    }
  }

  /** As the checkpoint holds them; what was abandoned is read again, so it is not there. */
  toStored(): unknown {
    const { readBytes, skipped, framed, routes } = this;
    return { readBytes, skipped, framed, routes };
  }

  /** Reads what `toStored()` made; whatever is no count is 0. */
  static parse(stored: unknown): Columns {
    const { readBytes, skipped, framed, routes } = (stored ?? {}) as Record<string, unknown>;
    const columns = new Columns();
    columns.readBytes = parseCount(readBytes);
    columns.framed = parseCount(framed);
    addAmounts(columns.skipped, parseAmounts(skipped));
    for (const [name, value] of Object.entries(routes ?? {})) {
      const { framed, delivered, dropped, rejected } = (value ?? {}) as Record<string, unknown>;
      columns.routes[name] = {
        framed: parseCount(framed),
        delivered: parseCount(delivered),
        abandoned: 0,
        dropped: parseAmounts(dropped),
        rejected: parseAmounts(rejected),
      };
    }
    return columns;
  }
}

/** How many records of the route have no outcome yet. */
export function unansweredOf({ framed, delivered, abandoned, dropped, rejected }: RouteColumns): number {
  return framed - delivered - abandoned - sumOf(dropped) - sumOf(rejected);
}
