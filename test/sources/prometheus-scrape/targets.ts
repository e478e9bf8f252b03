import type { TestContext } from 'node:test';
import { prometheusScrapeSource } from '../../../src/sources/prometheus-scrape/index.ts';
import { type Scraping, type ScrapingSetup, scrapeWith } from '../../harness/scraping.ts';

export { type Answer, listen, showing } from '../../harness/scraping.ts';

/** Starts a source, and waits for its first scrape. */
export function scrape(
  t: TestContext,
  options: Readonly<Record<string, unknown>>,
  setup?: ScrapingSetup,
): Promise<Scraping> {
  return scrapeWith(t, prometheusScrapeSource, options, setup);
}
