import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Cleanup } from './cleanup.ts';
import { whyMissing } from './commands.ts';

const run = promisify(execFile);

/** What has to be installed, as commands. */
const COMMANDS = ['podman', 'runc', 'tar', 'ldd'];

/** Why no containers can be tried here, as the reason to skip a test; false: they can. */
export function whyNoPodman(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'platform: only root on Linux runs containers here';
  return whyMissing(...COMMANDS);
}

/** What of this machine a container gets to see as its own root. */
export interface RootFiles {
  /** Programs, with the libraries that they need, by their path in the container. */
  readonly programs: Readonly<Record<string, string>>;
  /** Files and folders that lie in the container where they lie here. */
  readonly paths?: readonly string[];
  /** Files that are made, by path. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Folders that are made; everybody may write into them. */
  readonly folders?: readonly string[];
  /** Instructions of a Dockerfile, such as `ENV`. */
  readonly changes?: readonly string[];
}

/**
 * Containers with a store and a configuration of their own, which are gone after the test. No image is ever pulled: they
 * are imported from files of this machine, and built from those. Containers share the network of the machine.
 */
export class Podman {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(t: Cleanup) {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'pillion-podman-'));
    this.#folder = folder;
    const inFolder = (name: string): string => join(folder, name);
    const conf = { containers: inFolder('containers.conf'), storage: inFolder('storage.conf'), cni: inFolder('cni') };
    mkdirSync(conf.cni);
    writeFileSync(
      conf.containers,
      // crun refuses a machine with both kinds of control groups; limits above those of this process cannot be set.
      `[engine]\nruntime="runc"\ncgroup_manager="cgroupfs"\nevents_logger="file"\n[network]\nnetwork_backend="cni"\nnetwork_config_dir="${conf.cni}"\n` +
        '[containers]\nnetns="host"\ndefault_ulimits=["nofile=1024:1024","nproc=1024:1024"]\n',
    );
    writeFileSync(conf.storage, `[storage]\ndriver="overlay"\ngraphroot="${folder}/graph"\nrunroot="${folder}/run"\n`);
    this.#env = {
      PATH: process.env['PATH'],
      HOME: folder,
      TMPDIR: folder,
      CONTAINERS_CONF: conf.containers,
      CONTAINERS_STORAGE_CONF: conf.storage,
    };
    t.after(async () => {
      await this.try('pod', 'rm', '--all', '--force', '--time', '0');
      await this.try('rm', '--all', '--force', '--time', '0');
      await this.try('rmi', '--all', '--force');
      await run('umount', [join(folder, 'graph/overlay')]).catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    });
  }

  /** Runs `podman <args>` to its end; what it printed. Rejects with what it said when it fails. */
  async run(...args: string[]): Promise<string> {
    try {
      return (await run('podman', args, { env: this.#env, maxBuffer: 1 << 26 })).stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`podman ${args.join(' ')} failed:\n${stdout.slice(-4000)}${stderr.slice(-4000)}`, {
        cause: error,
      });
    }
  }

  /** The same; undefined when it fails. */
  async try(...args: string[]): Promise<string | undefined> {
    return this.run(...args).catch(() => undefined);
  }

  /** What a container has written to its standard output and error. */
  async logs(container: string): Promise<string> {
    const { stdout, stderr } = await run('podman', ['logs', container], { env: this.#env, maxBuffer: 1 << 26 });
    return stdout + stderr;
  }

  /** Makes an image out of files of this machine. */
  async import(
    name: string,
    { programs, paths = [], texts = {}, folders = [], changes = [] }: RootFiles,
  ): Promise<void> {
    const tree = join(this.#folder, `root-${readdirSync(this.#folder).length}`);
    for (const folder of ['dev', 'proc', 'sys', 'etc', ...folders]) mkdirSync(join(tree, folder), { recursive: true });
    for (const folder of folders) execFileSync('chmod', ['1777', join(tree, folder)]);
    for (const [path, source] of Object.entries(programs)) copy(source, join(tree, path));
    const libraries = new Set(Object.values(programs).flatMap(librariesOf));
    for (const path of [...libraries, ...paths]) copy(path, join(tree, path));
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(join(tree, path, '..'), { recursive: true });
      writeFileSync(join(tree, path), text, { mode: 0o755 });
    }
    const archive = `${tree}.tar`;
    await run('tar', ['--owner=0', '--group=0', '--numeric-owner', '-C', tree, '-cf', archive, '.']);
    await this.run('import', '--quiet', ...changes.flatMap((change) => ['--change', change]), archive, name);
    for (const path of [tree, archive]) rmSync(path, { recursive: true });
  }
}

/** Copies what `from` leads to, a folder with all in it; links in there stay links. */
function copy(from: string, to: string): void {
  mkdirSync(join(to, '..'), { recursive: true });
  execFileSync('cp', ['-RHp', '--update', from, to]);
}

/** The shared libraries of a program, and the loader. */
function librariesOf(program: string): string[] {
  return execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
}
