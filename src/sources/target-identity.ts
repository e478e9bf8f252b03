import type { LabelSet } from '../core/label-set.ts';
import { Resource, type ResourceValue } from '../core/resource.ts';
import { isOwnHost } from '../delivery/proxy.ts';

/** What is known of a target before it is scraped. */
export interface TargetIdentity {
  readonly url: URL;
  /** `host:port`; see `instanceOf()`. */
  readonly instance: string;
  readonly job: string;
  /** Labels that the configuration adds to all its series. */
  readonly labels: ReadonlyMap<string, string>;
}

/** Attributes that name a service: of an application that is scraped those of the agent do not count. */
const SERVICE = new Set(['service.name', 'service.namespace', 'service.instance.id']);

/** The attributes of a target: what the agent knows of its place, what the target is, and what it says of itself. */
function targetAttributes(
  { url, instance, job }: TargetIdentity,
  own: Resource,
  info: LabelSet | undefined,
): Map<string, ResourceValue> {
  const attributes = new Map<string, ResourceValue>([...own.attributes].filter(([name]) => !SERVICE.has(name)));
  for (const [name, value] of info ?? []) attributes.set(name, value);
  attributes.set('service.name', job);
  attributes.set('service.instance.id', instance);
  attributes.set('server.address', url.hostname.replace(/^\[|\]$/g, ''));
  attributes.set('server.port', Number(url.port || DEFAULT_PORTS[url.protocol]));
  attributes.set('url.scheme', url.protocol.replace(':', ''));
  return attributes;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  'http:': '80',
  'https:': '443',
  'redis:': '6379',
  'fcgi:': '9000',
};

/**
 * `host:port` of a URL, as Prometheus writes it. What lies in the agent's own pod has the name of that for a host, where
 * it is known: `localhost` is the same in every pod, and series of several would be taken for one.
 */
export function instanceOf(url: URL, own: Resource): string {
  const pod = isOwnHost(url) ? own.attributes.get('k8s.pod.name') : undefined;
  return `${pod ?? url.hostname}:${url.port || (DEFAULT_PORTS[url.protocol] ?? '')}`;
}

/** The resource of a target, which is the same object as long as nothing of it changes. */
export class TargetResource {
  readonly #identity: TargetIdentity;
  readonly #own: () => Resource;
  #last: { readonly own: Resource; readonly info: LabelSet | undefined; readonly resource: Resource } | undefined;

  /** `own`: what the agent knows of itself now. */
  constructor(identity: TargetIdentity, own: () => Resource) {
    this.#identity = identity;
    this.#own = own;
  }

  /** `info`: what the target says of itself. */
  of(info: LabelSet | undefined): Resource {
    const own = this.#own();
    const last = this.#last;
    if (last?.own === own && last.info === info) return last.resource;
    const resource = new Resource(targetAttributes(this.#identity, own, info));
    this.#last = { own, info, resource };
    return resource;
  }
}

/** OpenTelemetry's word for a service that nobody has named. */
const UNNAMED = 'unknown_service';

/** What applications are called whose source does not say it: `service.name` of the agent, or the name of the source. */
export function jobOf({ attributes }: Resource, source: string): string {
  const name = String(attributes.get('service.name') ?? UNNAMED);
  return name === UNNAMED ? source : name;
}
