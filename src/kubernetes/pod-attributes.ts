import type { ResourceValue } from '../core/resource.ts';
import { parseImage, versionOfImage } from './image-reference.ts';
import { workloadAttributes } from './workload.ts';

/** What is known of a container and its pod, wherever it comes from. */
export interface PodFacts {
  readonly podName: string;
  readonly namespace?: string | undefined;
  readonly podUid?: string | undefined;
  readonly podIp?: string | undefined;
  /** When the kubelet took the pod, as RFC 3339 has it. */
  readonly startTime?: string | undefined;
  readonly nodeName?: string | undefined;
  readonly clusterName?: string | undefined;
  /** Undefined: nobody knows them. */
  readonly labels?: ReadonlyMap<string, string> | undefined;
  readonly annotations?: ReadonlyMap<string, string> | undefined;
  readonly owner?: { readonly kind: string; readonly name: string } | undefined;
  readonly containerName?: string | undefined;
  readonly containerId?: string | undefined;
  /** As the specification of the pod has it. */
  readonly image?: string | undefined;
  readonly restartCount?: number | undefined;
}

/** Which labels and annotations become attributes of their own: by their names, or all of them by `*`. */
export interface ChosenKeys {
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** An annotation that begins so is an attribute of the resource. */
const ANNOTATION_PREFIX = 'resource.opentelemetry.io/';
const NAME_LABELS = ['app.kubernetes.io/instance', 'app.kubernetes.io/name'];
const VERSION_LABEL = 'app.kubernetes.io/version';
/** From the ancestor to the descendant, as the conventions order them. */
const NAME_SOURCES = [
  'deployment',
  'replicaset',
  'statefulset',
  'daemonset',
  'cronjob',
  'job',
  'pod',
  'container',
] as const;

/**
 * The resource attributes of a container, by the semantic conventions for Kubernetes: `k8s.*`, `container.*`, and
 * `service.*` as "Populating resources attributes in Kubernetes" has them computed. What an annotation
 * `resource.opentelemetry.io/<name>` says wins over all of them.
 */
export function podAttributes(facts: PodFacts, chosen: ChosenKeys): Map<string, ResourceValue> {
  const { podName, namespace, containerName, labels, annotations } = facts;
  const attributes = new Map<string, ResourceValue>();
  const set = (name: string, value: ResourceValue | undefined): void => {
    if (name !== '' && value !== undefined && value !== '') attributes.set(name, value);
  };
  set('k8s.cluster.name', facts.clusterName);
  set('k8s.node.name', facts.nodeName);
  set('k8s.namespace.name', namespace);
  set('k8s.pod.name', podName);
  set('k8s.pod.uid', facts.podUid);
  set('k8s.pod.ip', facts.podIp);
  set('k8s.pod.start_time', facts.startTime);
  for (const [name, value] of workloadAttributes(facts)) set(name, value);
  set('k8s.container.name', containerName);
  set('k8s.container.restart_count', facts.restartCount);
  set('container.id', facts.containerId);
  const image = facts.image ? parseImage(facts.image) : undefined;
  set('container.image.name', image?.name);
  if (image?.tag) set('container.image.tags', [image.tag]);
  for (const [key, value] of chosenOf(labels, chosen.labels)) set(`k8s.pod.label.${key}`, value);
  for (const [key, value] of chosenOf(annotations, chosen.annotations)) set(`k8s.pod.annotation.${key}`, value);

  const byLabel = NAME_LABELS.map((label) => labels?.get(label)).find((name) => name);
  const byObject = NAME_SOURCES.map((kind) => attributes.get(`k8s.${kind}.name`)).find((name) => name !== undefined);
  set('service.name', byLabel ?? byObject);
  set('service.namespace', namespace);
  set('service.version', labels?.get(VERSION_LABEL) || (image && versionOfImage(image)));
  // Unique only when it is whole.
  if (namespace && containerName) set('service.instance.id', `${namespace}.${podName}.${containerName}`);
  for (const [key, value] of annotations ?? []) {
    if (key.startsWith(ANNOTATION_PREFIX)) set(key.slice(ANNOTATION_PREFIX.length), value);
  }
  return attributes;
}

function chosenOf(all: ReadonlyMap<string, string> | undefined, names: readonly string[]): [string, string][] {
  return [...(all ?? [])].filter(([key]) => names.includes('*') || names.includes(key));
}
