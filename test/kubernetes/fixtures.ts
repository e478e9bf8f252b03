/** What a test says of a pod. */
export interface PodModel {
  readonly uid: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly containers?: readonly { readonly name: string; readonly image: string }[];
  readonly version?: string;
}

/** A Pod object as the API server writes it, with more in it than anybody reads. */
export function podObject(model: PodModel): Record<string, unknown> {
  const { uid, name = uid, namespace = 'shop', labels = {}, annotations = {}, owner, version = '1' } = model;
  const containers = model.containers ?? [{ name: 'app', image: 'registry.example/app:1.0' }];
  const owners =
    owner === undefined ? {} : { ownerReferences: [{ ...owner, controller: true, uid: 'o', apiVersion: 'apps/v1' }] };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      uid,
      name,
      namespace,
      resourceVersion: version,
      labels,
      annotations,
      ...owners,
      managedFields: [{ manager: 'x' }],
    },
    spec: { nodeName: 'node-1', containers },
    status: {
      podIP: '10.0.0.7',
      startTime: '2026-11-30T00:00:00Z',
      containerStatuses: containers.map((container) => ({
        name: container.name,
        restartCount: 1,
        containerID: `containerd://${container.name}-now`,
        lastState: { terminated: { containerID: `containerd://${container.name}-before` } },
      })),
    },
  };
}
