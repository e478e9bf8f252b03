import { FakeClock } from '../../src/core/fake-clock.ts';
import { SourceLedger } from '../../src/ledger/source-ledger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

/** The books of a source that starts for the first time. */
export function sourceLedger(source = 'app', metrics = new Metrics(), routes: readonly string[] = []): SourceLedger {
  return new SourceLedger({ source, routes, metrics, clock: new FakeClock() });
}
