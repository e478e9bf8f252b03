import { type Catalog, createCatalog } from './component/catalog.ts';
import { consoleSink } from './sinks/console/index.ts';
import { otlpSink } from './sinks/otlp/index.ts';
import { prometheusSink } from './sinks/prometheus/index.ts';
import { remoteWriteSink } from './sinks/remote-write/index.ts';
import { containerSource } from './sources/container/index.ts';
import { fileSource } from './sources/file/index.ts';
import { haproxyStatsSource } from './sources/haproxy-stats/index.ts';
import { healthSource } from './sources/health/index.ts';
import { httpJsonSource } from './sources/http-json/index.ts';
import { nginxStatusSource } from './sources/nginx-status/index.ts';
import { nodeStatusSource } from './sources/node-status/index.ts';
import { phpFpmStatusSource } from './sources/php-fpm-status/index.ts';
import { prometheusScrapeSource } from './sources/prometheus-scrape/index.ts';
import { redisInfoSource } from './sources/redis-info/index.ts';
import { springActuatorSource } from './sources/spring-actuator/index.ts';
import { statsdSource } from './sources/statsd/index.ts';
import { stdinSource } from './sources/stdin/index.ts';
import { bodyStage } from './stages/body.ts';
import { castStage } from './stages/cast.ts';
import { clfStage } from './stages/clf/index.ts';
import { csvStage } from './stages/csv/index.ts';
import { dedupeStage } from './stages/dedupe/index.ts';
import { exceptionStage } from './stages/exception/index.ts';
import { filterStage } from './stages/filter.ts';
import { flattenStage } from './stages/flatten/index.ts';
import { grokStage } from './stages/grok/index.ts';
import { httpStage } from './stages/http/index.ts';
import { joinStage } from './stages/join.ts';
import { jsonStage } from './stages/json/index.ts';
import { keyValueStage } from './stages/key-value/index.ts';
import { klogStage } from './stages/klog/index.ts';
import { logfmtStage } from './stages/logfmt/index.ts';
import { counterStage } from './stages/metrics/counter.ts';
import { gaugeStage } from './stages/metrics/gauge.ts';
import { histogramStage } from './stages/metrics/histogram.ts';
import { httpMetricsStage } from './stages/metrics/http-metrics.ts';
import { severityMetricsStage } from './stages/metrics/severity-metrics.ts';
import { moveStage } from './stages/move.ts';
import { patternStage } from './stages/pattern.ts';
import { redactStage } from './stages/redact/index.ts';
import { regexStage } from './stages/regex.ts';
import { removeStage } from './stages/remove.ts';
import { sampleStage } from './stages/sample/index.ts';
import { setStage } from './stages/set.ts';
import { severityStage } from './stages/severity/index.ts';
import { syslogStage } from './stages/syslog/index.ts';
import { throttleStage } from './stages/throttle/index.ts';
import { timestampStage } from './stages/timestamp/index.ts';
import { traceContextStage } from './stages/trace-context/index.ts';
import { truncateStage } from './stages/truncate.ts';
import { userAgentStage } from './stages/user-agent/index.ts';

/** Every component that comes with the agent: a list, written down. Nothing registers itself. */
export const catalog: Catalog = createCatalog({
  sources: [
    fileSource,
    stdinSource,
    containerSource,
    prometheusScrapeSource,
    httpJsonSource,
    nginxStatusSource,
    redisInfoSource,
    phpFpmStatusSource,
    haproxyStatsSource,
    springActuatorSource,
    nodeStatusSource,
    statsdSource,
    healthSource,
  ],
  stages: [
    jsonStage,
    timestampStage,
    severityStage,
    bodyStage,
    moveStage,
    setStage,
    removeStage,
    filterStage,
    syslogStage,
    clfStage,
    logfmtStage,
    keyValueStage,
    csvStage,
    klogStage,
    patternStage,
    regexStage,
    grokStage,
    flattenStage,
    joinStage,
    exceptionStage,
    traceContextStage,
    redactStage,
    sampleStage,
    throttleStage,
    dedupeStage,
    truncateStage,
    httpStage,
    castStage,
    userAgentStage,
    counterStage,
    gaugeStage,
    histogramStage,
    httpMetricsStage,
    severityMetricsStage,
  ],
  sinks: [otlpSink, consoleSink, prometheusSink, remoteWriteSink],
});
