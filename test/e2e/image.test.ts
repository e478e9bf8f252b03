import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AGENT_UID, importNode, importNodeWithNpm, packageVersion } from '../harness/container-images.ts';
import { Podman, whyNoPodman } from '../harness/podman.ts';

const root = join(import.meta.dirname, '../..');
const MAX_OWN_BYTES = 5_000_000;
/** Packages that npm has fetched before: without them the registry is asked. */
const npmCache = join(homedir(), '.npm');

test('the Dockerfile builds: from a clone to an image without root, npm and shell, whose own part is below 5 MB', {
  skip: whyNoPodman(),
  timeout: 280_000,
}, async (t) => {
  const podman = new Podman(t);
  await importNode(podman, 'base:test');
  if ((await podman.try('run', '--rm', 'base:test', 'node', '--version')) === undefined) {
    return t.skip('platform: no container can be run here');
  }
  await importNodeWithNpm(podman, 'build:test');
  const images = ['--build-arg', 'BUILD_IMAGE=localhost/build:test', '--build-arg', 'BASE_IMAGE=localhost/base:test'];
  const cache = existsSync(npmCache) ? ['--volume', `${npmCache}:/root/.npm`] : [];
  await podman.run('build', '--layers=false', '--format', 'docker', ...images, ...cache, '--tag', 'pillion:test', root);

  const [image] = JSON.parse(await podman.run('image', 'inspect', 'pillion:test')) as [Inspected];
  const [base] = JSON.parse(await podman.run('image', 'inspect', 'base:test')) as [Inspected];
  assert.equal(image.Config.User, `${AGENT_UID}:${AGENT_UID}`);
  assert.deepEqual(image.Config.Entrypoint, ['pillion']);
  assert.deepEqual(image.Healthcheck.Test, ['CMD', 'pillion', 'status', '--ready']);
  assert.equal(image.Config.Labels['org.opencontainers.image.version'], packageVersion(root));
  assert.equal(image.Config.Labels['org.opencontainers.image.licenses'], 'Apache-2.0');
  const ownBytes = image.Size - base.Size;
  t.diagnostic(`${ownBytes} bytes of our own on ${base.Size}`);
  assert.ok(ownBytes > 0 && ownBytes < MAX_OWN_BYTES, `${ownBytes} bytes`);

  const bare = ['run', '--rm', '--read-only', '--cap-drop', 'all', '--security-opt', 'no-new-privileges'];
  assert.equal(await podman.run(...bare, 'pillion:test', '--version'), `${packageVersion(root)}\n`);
  const detected = await podman.run(...bare, 'pillion:test', 'explain', '--use', 'nginx', '--line', 'no access line');
  assert.match(detected, /nginx/);
  const look = `const { statSync, writeFileSync } = require('node:fs');
    writeFileSync('/var/lib/pillion/x', '');
    console.log(statSync('/var/lib/pillion').uid, statSync('/opt/pillion/dist/main.js').uid);`;
  assert.equal(await podman.run('run', '--rm', '--entrypoint', 'node', 'pillion:test', '-e', look), `${AGENT_UID} 0\n`);
});

interface Inspected {
  readonly Size: number;
  readonly Healthcheck: { readonly Test: readonly string[] };
  readonly Config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
}
