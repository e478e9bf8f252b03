import { sidecarContainer, sidecarVolumes } from './agent-container.ts';
import { type Fields, type Node, Part, releaseName, Spread, Text, Value, type Values, When } from './node.ts';

/** The label by which a pod, and a namespace, asks for the agent. */
export const INJECT_LABEL = 'pillion.dev/inject';

/** What is decided where the policy is written: native sidecars are older than policies that mutate. */
const DECIDED: Values = { sidecar: { kind: 'native' }, gitSync: {}, clusterName: '' };

type Pieces = (string | Value)[];

/** A map of Kubernetes, such as `limits`: it has no type of its own in CEL. */
const MAPS = new Set(['requests', 'limits', 'labels', 'annotations', 'matchLabels']);

/** Text in the manifest that stands for an expression: these variables are asked of the pod itself. */
const OF_POD: Readonly<Record<string, string>> = {
  K8S_CONTAINER_NAME: 'object.spec.containers[0].name',
  K8S_CONTAINER_IMAGE: 'object.spec.containers[0].image',
};

/** Writes a tree as an expression of CEL that makes an object of `type`, such as `Object.spec.volumes`. */
function expression(node: Node, type: string, indent: string): Pieces {
  if (node instanceof Part) return expression(node.node, type, indent);
  if (node instanceof Text) return ['"', ...node.pieces, '"'];
  if (node instanceof Value) return valueExpression(node);
  if (Array.isArray(node)) {
    const items = node.flatMap((item: Node) => (isLeftOut(item) ? [] : [present(item)]));
    return listed(
      '[',
      items.map((item) => expression(item, type, `${indent}  `)),
      ']',
      indent,
    );
  }
  if (typeof node !== 'object') return [JSON.stringify(node)];
  const fields = Object.entries(node as Fields).filter(([, child]) => !isLeftOut(child));
  const isMap = MAPS.has(type.slice(type.lastIndexOf('.') + 1));
  const made = fields.map(([key, child]): Pieces => {
    const name = fields[0]?.[1];
    const ofPod = key === 'value' && typeof name === 'string' ? OF_POD[name] : undefined;
    const value = ofPod === undefined ? expression(present(child), `${type}.${key}`, `${indent}  `) : [ofPod];
    return [isMap ? `${JSON.stringify(key)}: ` : `${key}: `, ...value];
  });
  return listed(isMap ? '{' : `${type}{`, made, '}', indent);
}

/** A value that is a map is written as JSON, which is CEL, too. */
function valueExpression(value: Value): Pieces {
  return value.path.startsWith('resources.') ? [new Value(value.path, 'json')] : ['"', value, '"'];
}

function isLeftOut(node: Node): boolean {
  return node instanceof Spread || (node instanceof When && !node.condition.holds(DECIDED));
}

function present(node: Node): Node {
  return node instanceof When ? node.node : node;
}

/** On one line when it is short, else one item a line. */
function listed(open: string, items: readonly Pieces[], close: string, indent: string): Pieces {
  const flat = [open, ...items.flatMap((item, index) => (index === 0 ? item : [', ', ...item])), close];
  const isLong = flat.some((piece) => typeof piece === 'string' && piece.includes('\n')) || lengthOf(flat) > 90;
  if (!isLong) return flat;
  const inner = items.flatMap((item, index): Pieces => [index === 0 ? '' : ',', `\n${indent}  `, ...item]);
  return [open, ...inner, `\n${indent}${close}`];
}

function lengthOf(pieces: Pieces): number {
  return pieces.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : 12), 0);
}

/** An operation that adds, as a list of one. */
const add = (path: string, value: Pieces): Pieces => [`[JSONPatch{op: "add", path: ${path}, value: `, ...value, '}]'];

/** Makes a list or map first where the pod has none. */
const ensure = (field: string, path: string, empty: string): string =>
  `(has(object.${field}) ? [] : [JSONPatch{op: "add", path: "${path}", value: ${empty}}])`;

function patch(): Text {
  const volumes = sidecarVolumes.filter((volume) => (volume as Fields)['name'] !== 'logs');
  const operations: Pieces[] = [
    [ensure('spec.initContainers', '/spec/initContainers', '[]')],
    add('"/spec/initContainers/0"', expression(sidecarContainer, 'Object.spec.initContainers', '')),
    ...volumes.map((volume) => add('"/spec/volumes/-"', expression(volume, 'Object.spec.volumes', ''))),
    add('"/metadata/labels/" + jsonpatch.escapeKey("pillion.dev/sidecar")', ['"native"']),
  ];
  return new Text(
    ...operations.flatMap((operation, index) => (index === 0 ? operation : [' +\n', ...operation])),
    '\n',
  );
}

/** Puts the agent into pods that are made with the label: first among the init containers, so that it sees the others. */
export function injectionPolicy(): Fields {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicy',
    metadata: {
      name: releaseName,
      labels: { 'app.kubernetes.io/name': 'pillion', 'app.kubernetes.io/instance': releaseName },
    },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'IfNeeded',
      matchConstraints: {
        objectSelector: { matchLabels: { [INJECT_LABEL]: 'true' } },
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
      matchConditions: [
        { name: 'has-logs', expression: 'object.spec.?volumes.orValue([]).exists(volume, volume.name == "logs")' },
        {
          name: 'has-no-agent',
          expression: '!object.spec.?initContainers.orValue([]).exists(container, container.name == "pillion")',
        },
      ],
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: patch() } }],
    },
  };
}

/** In the namespaces that have the label, and so the ConfigMap that the agent needs. */
export function injectionBinding(): Fields {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: {
      name: releaseName,
      labels: { 'app.kubernetes.io/name': 'pillion', 'app.kubernetes.io/instance': releaseName },
    },
    spec: {
      policyName: releaseName,
      matchResources: { namespaceSelector: { matchLabels: { [INJECT_LABEL]: 'true' } } },
    },
  };
}
