import type { Json } from '../../mapping/json.ts';
import { ScrapeFailure } from '../scrape-failure.ts';

const PAGE =
  /^Active connections:\s*(\d+)\s+server accepts handled requests(?: request_time)?\s+(\d+)\s+(\d+)\s+(\d+)(?:\s+\d+)?\s+Reading:\s*(\d+)\s+Writing:\s*(\d+)\s+Waiting:\s*(\d+)\s*$/;

/** Reads the page of nginx' `stub_status`; that of Tengine has one number more. Throws a `ScrapeFailure`. */
export function parseStubStatus(body: Buffer): Json {
  const match = PAGE.exec(body.toString('latin1'));
  if (match === null) throw new ScrapeFailure('parse', 'Answer is no page of stub_status');
  const [accepted = 0, handled = 0, requests = 0] = match.slice(2, 5).map(Number);
  const [active = 0, reading = 0, writing = 0, waiting = 0] = [match[1], ...match.slice(5)].map(Number);
  return { accepted, handled, requests, connections: { active, reading, writing, waiting } };
}
