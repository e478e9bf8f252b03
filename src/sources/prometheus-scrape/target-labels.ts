import type { Relabel } from '../../codec/prometheus/parse/series-cache.ts';
import { LabelSet } from '../../core/label-set.ts';
import type { Resource, ResourceValue } from '../../core/resource.ts';
import type { Relabelled } from './relabel.ts';

/** What is known of a target before it is scraped. */
export interface TargetIdentity {
  readonly url: URL;
  /** `host:port`. */
  readonly instance: string;
  readonly job: string;
  /** Labels that the configuration adds to all its series. */
  readonly labels: ReadonlyMap<string, string>;
}

/**
 * What becomes of the labels of a target's samples. Those of the target are added; where a sample has one of that name,
 * its own counts with `honor`, and is renamed to `exported_…` without. `job` and `instance` belong to the resource:
 * they stay only where they say something else than that.
 */
export function createTargetRelabel(
  { job, instance, labels }: TargetIdentity,
  honor: boolean,
  relabel: ((name: string, labels: LabelSet) => Relabelled) | undefined,
): Relabel {
  const ofTarget = new Map([...labels, ['job', job], ['instance', instance]]);
  return (name, own) => {
    const all = new Map<string, string>(own);
    for (const [label, value] of ofTarget) {
      const before = all.get(label);
      if (before !== undefined && honor) continue;
      if (before !== undefined) {
        let free = `exported_${label}`;
        while (all.has(free)) free = `exported_${free}`;
        all.set(free, before);
      }
      all.set(label, value);
    }
    const found = relabel === undefined ? { name, labels: LabelSet.of(all) } : relabel(name, LabelSet.of(all));
    if (found === undefined) return undefined;
    const kept = [...found.labels].filter(
      ([label, value]) => !((label === 'job' && value === job) || (label === 'instance' && value === instance)),
    );
    return { name: found.name, labels: LabelSet.of(kept) };
  };
}

/** Attributes that name a service: of an application that is scraped those of the agent do not count. */
const SERVICE = new Set(['service.name', 'service.namespace', 'service.instance.id']);

/** The resource of a target: what the agent knows of its place, what the target is, and what it says of itself. */
export function targetAttributes(
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

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** `host:port` of a URL, as Prometheus writes it. */
export function instanceOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (DEFAULT_PORTS[protocol] ?? '')}`;
}
