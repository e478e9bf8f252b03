import type { Resource, ResourceValue } from './resource.ts';

/**
 * The attributes by which a resource is the same one later on, as far as it has them. The others describe it, and may
 * change while it lives: labels of a pod, the version of a service.
 */
const IDENTITY = [
  ...['service.namespace', 'service.name', 'service.instance.id', 'host.id', 'host.name'],
  ...['k8s.cluster.uid', 'k8s.namespace.name', 'k8s.pod.name', 'k8s.pod.uid', 'k8s.container.name'],
];

/** A text that resources have in common that are the same but for what describes them. */
export function identityOf(resource: Resource): string {
  const { attributes } = resource;
  const found = IDENTITY.flatMap((name) => (attributes.has(name) ? [[name, attributes.get(name)]] : []));
  return JSON.stringify(found.length > 0 ? found : sortedAttributes(resource));
}

/** The attributes of a resource, in an order that depends on nothing else. */
export function sortedAttributes({ attributes }: Resource): [string, ResourceValue][] {
  return [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
}
