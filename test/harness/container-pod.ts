import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../src/core/errors.ts';
import { toYaml } from '../../tools/deploy/kustomize.ts';
import { until } from './files.ts';
import type { KubernetesObject } from './kubernetes-schema.ts';
import type { Podman } from './podman.ts';

/** Far longer than a container takes on a busy machine. */
const MAX_WAIT_MS = 60_000;

interface Env {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

interface Container {
  readonly name: string;
  readonly env?: readonly Env[];
  readonly lifecycle?: { readonly preStop?: { readonly exec?: { readonly command: readonly string[] } } };
}

interface Volume {
  readonly name: string;
  readonly emptyDir?: object;
  readonly downwardAPI?: object;
}

interface PodTemplate {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly containers: readonly Container[]; readonly volumes: readonly Volume[] };
}

/** What the kubelet knows of a pod, by the path of the field. */
export type PodFields = Readonly<Record<string, string>>;

/**
 * A pod of `podman kube play`, with what only a kubelet does played by hand: fields and the volume of the downward API
 * are filled in, `emptyDir` volumes are everybody's, and hooks are run.
 */
export class ContainerPod {
  readonly #podman: Podman;
  readonly #template: PodTemplate;
  readonly #name: string;

  private constructor(podman: Podman, template: PodTemplate, name: string) {
    this.#podman = podman;
    this.#template = template;
    this.#name = name;
  }

  /** Starts the pod of a Deployment among `objects`; `folder` is for the files that it takes. */
  static async play(
    podman: Podman,
    objects: readonly KubernetesObject[],
    folder: string,
    fields: PodFields,
  ): Promise<ContainerPod> {
    const deployment = objects.find(({ kind }) => kind === 'Deployment');
    if (deployment === undefined) throw new Error('There is no Deployment to play');
    const spec = deployment['spec'] as { readonly template: PodTemplate };
    const template = filledIn(spec.template, folder, fields);
    const others = objects.filter((object) => object !== deployment);
    const file = join(folder, 'pod.yaml');
    const played = [...others, { ...deployment, spec: { ...spec, template } }];
    writeFileSync(file, played.map(toYaml).join('---\n'));
    await podman.run('kube', 'play', '--start=false', '--network', 'host', file);
    const pod = new ContainerPod(podman, template, `${deployment.metadata.name}-pod-0`);
    for (const { name, emptyDir } of template.spec.volumes) {
      if (emptyDir !== undefined) chmodSync(await pod.#pathOf(name), 0o777);
    }
    await podman.run('pod', 'start', pod.#name);
    return pod;
  }

  /** The name of a container, for podman. */
  container(name: string): string {
    return `${this.#name}-${name}`;
  }

  /** Runs a command in a container to its end; what it printed. Rejects when it fails. */
  exec(name: string, ...command: string[]): Promise<string> {
    return this.#podman.run('exec', this.container(name), ...command);
  }

  /** Waits until a command in a container ends well; rejects with the log of the container when it does not. */
  async until(name: string, ...command: string[]): Promise<void> {
    try {
      await until(`${command.join(' ')} ends well`, () => this.does(name, ...command), MAX_WAIT_MS);
    } catch (error) {
      throw new Error(`${messageOf(error)}:\n${await this.logs(name)}`, { cause: error });
    }
  }

  /** Whether a command in a container ends well. */
  async does(name: string, ...command: string[]): Promise<boolean> {
    return (await this.#podman.try('exec', this.container(name), ...command)) !== undefined;
  }

  /** Runs the hook that the manifest has for a container. */
  async preStop(name: string): Promise<void> {
    const hook = this.#template.spec.containers.find((container) => container.name === name)?.lifecycle?.preStop?.exec;
    if (hook !== undefined) await this.exec(name, ...hook.command);
  }

  /** Sends a signal to the first process of a container. */
  async kill(name: string, signal: NodeJS.Signals): Promise<void> {
    await this.#podman.run('kill', '--signal', signal, this.container(name));
  }

  /** Resolves with the exit code of a container once it has ended. */
  async ended(name: string): Promise<number> {
    return Number(await this.#podman.run('wait', this.container(name)));
  }

  logs(name: string): Promise<string> {
    return this.#podman.logs(this.container(name));
  }

  /** Where a volume lies on this machine. */
  async #pathOf(volume: string): Promise<string> {
    return (await this.#podman.run('volume', 'inspect', '--format', '{{.Mountpoint}}', volume)).trim();
  }
}

function filledIn({ metadata, spec }: PodTemplate, folder: string, fields: PodFields): PodTemplate {
  const info = join(folder, 'podinfo');
  mkdirSync(info);
  for (const name of ['labels', 'annotations'] as const) {
    const lines = Object.entries(metadata[name] ?? {}).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    writeFileSync(join(info, name), lines.join('\n'));
  }
  const volumes = spec.volumes.map((volume) =>
    volume.downwardAPI === undefined ? volume : { name: volume.name, hostPath: { path: info, type: 'Directory' } },
  );
  const containers = spec.containers.map((container) => {
    const env = (container.env ?? []).map(({ name, value, valueFrom }) => ({
      name,
      value: value ?? fields[valueFrom?.fieldRef.fieldPath ?? ''] ?? '',
    }));
    // Ports and probes are the network's and the kubelet's: here the pod has the network of the machine.
    const { ports, startupProbe, readinessProbe, livenessProbe, ...rest } = container as unknown as Record<
      string,
      object
    >;
    return { ...rest, env } as unknown as Container;
  });
  // A container that ends in a pod that ends is not started again; podman would.
  const played = { ...spec, restartPolicy: 'Never', hostNetwork: true, containers, volumes };
  return { metadata, spec: played as PodTemplate['spec'] };
}
