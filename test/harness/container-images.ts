import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Podman } from './podman.ts';

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const PATH_OF_IMAGE = 'ENV PATH=/usr/local/bin:/usr/bin:/bin';

/** The account that the agent runs as in its image. */
export const AGENT_UID = 65532;

/** Imports what the image of the agent is built on: the Node that runs the tests, its libraries, and nothing else. */
export function importNode(podman: Podman, name: string): Promise<void> {
  return podman.import(name, {
    programs: { 'usr/local/bin/node': process.execPath },
    texts: { 'etc/passwd': `root:x:0:0::/:/none\nnonroot:x:${AGENT_UID}:${AGENT_UID}::/:/none\n` },
    folders: ['tmp'],
    changes: [PATH_OF_IMAGE],
  });
}

/** Imports the same with npm and a shell beside it, in which the stage of the build runs. */
export function importNodeWithNpm(podman: Podman, name: string): Promise<void> {
  return podman.import(name, {
    programs: { 'usr/local/bin/node': process.execPath, 'bin/sh': '/bin/sh', 'usr/bin/env': '/usr/bin/env' },
    paths: [npmFolder(), CERTIFICATES].filter((path) => existsSync(path)),
    texts: {
      'usr/bin/npm': `#!/usr/bin/env node\nrequire(${JSON.stringify(join(npmFolder(), 'lib/cli.js'))})(process);\n`,
      'etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
    },
    folders: ['tmp', 'root'],
    changes: [PATH_OF_IMAGE, `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, 'ENV HOME=/root'],
  });
}

/** Imports the nginx of this machine, which runs as an account of its own and reads `conf`. */
export function importNginx(podman: Podman, name: string, conf: string): Promise<void> {
  return podman.import(name, {
    programs: { 'usr/sbin/nginx': '/usr/sbin/nginx' },
    texts: {
      'etc/nginx/nginx.conf': conf,
      'etc/passwd': 'root:x:0:0::/:/none\nnginx:x:101:101::/:/none\n',
      'etc/group': 'root:x:0:\nnginx:x:101:\n',
    },
    folders: ['tmp', 'var/lib/nginx', 'var/log/nginx'],
    changes: ['USER 101:101', 'STOPSIGNAL SIGQUIT', 'ENTRYPOINT ["/usr/sbin/nginx", "-g", "daemon off;"]'],
  });
}

/** The folder of the npm of this machine. */
export function npmFolder(): string {
  const folders = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  const command = folders.map((folder) => join(folder, 'npm')).find((path) => existsSync(path));
  if (command === undefined) throw new Error('There is no npm on this machine');
  return dirname(dirname(realpathSync(command)));
}

/** The version of the package, as the image must have it. */
export function packageVersion(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
