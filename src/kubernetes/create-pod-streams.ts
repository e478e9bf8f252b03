import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { ResourceValue } from '../core/resource.ts';
import { bearerToken } from '../delivery/credentials.ts';
import { HttpClient } from '../delivery/http-client.ts';
import { LogLimiter } from '../delivery/log-limiter.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { ApiPods } from './api-pods.ts';
import { KubeletPods } from './kubelet-pods.ts';
import { parsePod } from './pod.ts';
import type { PodFeed, PodFeedSetting } from './pod-feed.ts';
import { PodStore } from './pod-store.ts';
import { keptAnnotations, PodStreams } from './pod-streams.ts';

/** Who is asked of pods. */
export const METADATA_SOURCES = ['none', 'kubelet', 'api'] as const;

/** Where the kubelet puts what a service account is known by. */
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** How pods are asked for, as the configuration has it. */
export interface PodMetadataOptions {
  readonly metadata: (typeof METADATA_SOURCES)[number];
  readonly server?: string | undefined;
  readonly token_file: string;
  readonly ca_file: string;
  readonly metadata_wait: number;
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** What the streams of a node are made with. */
export interface PodStreamsSetting {
  /** The source, for logs and labels. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly env: Environment;
  readonly written: () => ReadonlyMap<string, ResourceValue>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const REQUEST_TIMEOUT_MS = 30_000;
const KUBELET_PORT = 10_250;

/** The URL that pods are asked for at; undefined: it is not written, and the environment does not say it either. */
export function metadataServer({ metadata, server }: PodMetadataOptions, env: Environment): string | undefined {
  if (server !== undefined || metadata === 'none') return server;
  if (metadata === 'kubelet') return env['K8S_NODE_NAME'] && `https://${env['K8S_NODE_NAME']}:${KUBELET_PORT}`;
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  return host && port && `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Builds what says of the files of a node which pods they are of. The options must have been checked. */
export function createPodStreams(options: PodMetadataOptions, setting: PodStreamsSetting): PodStreams {
  const { name, clock, logger, metrics, env, written } = setting;
  const store = new PodStore(clock);
  const feed = options.metadata === 'none' ? undefined : createFeed(options, store, setting);
  if (feed !== undefined) metrics.gauge('pillion_kubernetes_pods', { source: name }, () => store.size);
  const unknown = metrics.counter('pillion_kubernetes_unknown_pods_total', { source: name });
  const limiter = new LogLimiter(clock);
  return new PodStreams({
    feed,
    store,
    clock,
    waitMs: options.metadata_wait,
    chosen: options,
    nodeName: env['K8S_NODE_NAME'] || undefined,
    clusterName: env['K8S_CLUSTER_NAME'] || undefined,
    written,
    onUnknown: (path) => {
      unknown.add(1);
      const heldBack = limiter.pass('unknown');
      if (heldBack === undefined) return;
      logger.warn(
        { source: name, path, others: heldBack },
        'A file is read without labels and annotations of its pod.',
      );
    },
  });
}

function createFeed(options: PodMetadataOptions, store: PodStore, setting: PodStreamsSetting): PodFeed {
  const { name, clock, logger, metrics, env } = setting;
  const url = new URL(metadataServer(options, env) ?? 'https://localhost');
  const client = new HttpClient({
    url,
    headers: { 'user-agent': 'pillion' },
    timeoutMs: REQUEST_TIMEOUT_MS,
    maxIdleConnections: 1,
    // A server with a certificate of a public authority needs no file.
    tls: existsSync(options.ca_file) ? { caFile: options.ca_file } : {},
    credentials: existsSync(options.token_file) ? [bearerToken(options.token_file, clock)] : [],
    clock,
  });
  const limiter = new LogLimiter(clock);
  const feed: PodFeedSetting = {
    client,
    store,
    clock,
    parse: (value) => parsePod(value, keptAnnotations(options)),
    count: (request, result) => {
      metrics.counter('pillion_kubernetes_requests_total', { source: name, request, result }).add(1);
    },
    trouble: (error) => {
      if (limiter.pass('trouble') === undefined) return;
      const fields = {
        source: name,
        server: client.target,
        error: client.conceal(error),
        cure: cureOf(options, error),
      };
      logger.warn(fields, 'Labels and annotations of pods cannot be had; what was known stays.');
    },
  };
  const made = options.metadata === 'kubelet' ? new KubeletPods(feed) : new ApiPods(env['K8S_NODE_NAME'] ?? '', feed);
  return {
    want: () => made.want(),
    run: async (signal) => {
      await made.run(signal);
      client.close();
    },
  };
}

function cureOf({ metadata }: PodMetadataOptions, error: string): string {
  if (/answered 40[13]/.test(error)) {
    const verbs = metadata === 'api' ? '"get", "list" and "watch" on "pods"' : '"get" on "nodes/proxy"';
    return `Give the service account ${verbs}`;
  }
  if (error.includes('TLS failed')) return 'Name the authority of the certificate in "ca_file"';
  return 'Check "server", and whether a NetworkPolicy lets the agent reach it';
}
