import type { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import type { Counter, Metrics } from './metrics.ts';
import { VERSION } from './version.ts';

/** How often the event loop is asked whether it is on time. A finer look costs CPU time while nothing is to be done. */
const LOOP_RESOLUTION_MS = 100;

const LOOP_QUANTILES = { '0.5': 50, '0.9': 90, '0.99': 99 };

/** Names for the kinds of collection that Node numbers, in V8's words where they are not plain. */
const GC_KINDS = new Map([
  [1, 'minor'],
  [4, 'major'],
  [8, 'incremental'],
  [16, 'weak_callbacks'],
]);

/** Watches the process itself until it is closed: what it takes of CPU and memory, its event loop, its collections. */
export class ProcessMetrics {
  readonly #loop: ReturnType<typeof monitorEventLoopDelay>;
  readonly #collections: PerformanceObserver;

  /** `startUnixMs`: when the agent was started. Loads what Node needs for it, 0.4 MB. */
  constructor(metrics: Metrics, startUnixMs: number) {
    const hooks = process.getBuiltinModule('node:perf_hooks');
    metrics.gauge('pillion_build_info', { version: VERSION, node_version: process.versions.node }, () => 1);
    metrics.gauge('pillion_start_time_seconds', {}, () => startUnixMs / 1000);
    for (const mode of ['user', 'system'] as const) {
      metrics.gauge('pillion_cpu_seconds_total', { mode }, () => process.cpuUsage()[mode] / 1e6);
    }
    metrics.gauge('pillion_memory_resident_bytes', {}, () => process.memoryUsage.rss());
    metrics.gauge('pillion_memory_heap_bytes', {}, () => process.memoryUsage().heapTotal);
    metrics.gauge('pillion_memory_heap_used_bytes', {}, () => process.memoryUsage().heapUsed);
    metrics.gauge('pillion_memory_external_bytes', {}, () => process.memoryUsage().external);

    this.#loop = hooks.monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
    this.#loop.enable();
    for (const [quantile, percent] of Object.entries(LOOP_QUANTILES)) {
      metrics.gauge('pillion_event_loop_delay_seconds', { quantile }, () => this.#delaySeconds(percent));
    }

    const counters = new Map(Array.from(GC_KINDS, ([kind, name]) => [kind, countersOf(metrics, name)]));
    const others = countersOf(metrics, 'other');
    this.#collections = new hooks.PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { seconds, collections } = counters.get(kindOf(entry)) ?? others;
        seconds.add(entry.duration / 1000);
        collections.add(1);
      }
    });
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  /** Watches no more; the metrics stay, with what they had. */
  close(): void {
    this.#loop.disable();
    this.#collections.disconnect();
  }

  /** How late the loop was, since the start. The histogram holds the intervals themselves, in nanoseconds. */
  #delaySeconds(percent: number): number {
    if (this.#loop.count === 0) return 0;
    return Math.max(0, this.#loop.percentile(percent) / 1e9 - LOOP_RESOLUTION_MS / 1000);
  }
}

function countersOf(metrics: Metrics, kind: string): { readonly seconds: Counter; readonly collections: Counter } {
  return {
    seconds: metrics.counter('pillion_gc_seconds_total', { kind }),
    collections: metrics.counter('pillion_gc_collections_total', { kind }),
  };
}

function kindOf(entry: object): number {
  const detail: unknown = 'detail' in entry ? entry.detail : undefined;
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? Number(detail.kind) : 0;
}
