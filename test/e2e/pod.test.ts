import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { standardValues, withValues } from '../../tools/deploy/chart-values.ts';
import { objectsOf } from '../../tools/deploy/kustomize.ts';
import { layOutImage } from '../../tools/image.ts';
import { listen } from '../delivery/servers.ts';
import { AGENT_UID, importNginx, importNode, packageVersion } from '../harness/container-images.ts';
import { ContainerPod } from '../harness/container-pod.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import type { KubernetesObject } from '../harness/kubernetes-schema.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';
import { Podman, whyNoPodman } from '../harness/podman.ts';

const root = join(import.meta.dirname, '../..');
const MANY = 2000;

/** What a kubelet would say of this pod. */
const FIELDS = {
  'metadata.name': 'app-5d8f7c9b6d-x2x4z',
  'metadata.namespace': 'shop',
  'metadata.uid': '0f0a3a5e-57a3-4a43-8a5e-0c9d3b9f6a11',
  'status.podIP': '127.0.0.1',
  'spec.nodeName': 'node-1',
};

test('the plain sidecar of deploy/ in a real pod: locked in, with the attributes of the pod, and it has every line up to the last of an nginx that ends', {
  skip: whyNoPodman(),
  timeout: 280_000,
}, async (t) => {
  const podman = new Podman(t);
  await importNode(podman, 'base:test');
  if ((await podman.try('run', '--rm', 'base:test', 'node', '--version')) === undefined) {
    return t.skip('platform: no container can be run here');
  }
  const folder = temporaryFolder(t);
  await buildImage(podman, folder);
  const backend = await OtlpBackend.open(t);
  const slow = await openSlowServer(t);
  const [port, adminPort, healthPort] = await freePorts(3);
  await importNginx(podman, 'nginx:test', nginxConf(port!, slow.port));
  const objects = sidecarObjects(backend.endpoint, adminPort!, healthPort!);
  const pod = await ContainerPod.play(podman, objects, folder, FIELDS);
  await pod.until('pillion', 'pillion', 'status', '--ready');

  await assertLockedIn(pod);
  for (let i = 0; i < MANY; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, k) => request(port!, `/page/${i + k}`)));
  }
  await until('what nginx has written arrives', () => pathsOf(backend).size === MANY, 60_000);
  assertResource(backend);

  // A request is under way when the pod is told to end: nginx answers it, writes its line, and only then is gone.
  const last = request(port!, '/slow/last');
  const answer = await slow.asked();
  const hook = pod.preStop('pillion').then(() => pod.kill('pillion', 'SIGTERM'));
  await pod.kill('app', 'SIGQUIT');
  await until('nginx takes no more requests', () =>
    request(port!, '/page/late').then(
      () => false,
      () => true,
    ),
  );
  answer.end('done');
  await last;
  assert.equal(await pod.ended('app'), 0);
  await hook;
  const exit = await pod.ended('pillion');
  assert.equal(exit, 0, await pod.logs('pillion'));

  const paths = pathsOf(backend);
  const missing = Array.from({ length: MANY }, (_, i) => `/page/${i}`).filter((path) => !paths.has(path));
  assert.deepEqual(missing, []);
  assert.ok(paths.has('/slow/last'), 'the line that nginx wrote on its way out');
  const summary = (await pod.logs('pillion')).split('\n').findLast((line) => line.includes('"readRecords"')) ?? '{}';
  t.diagnostic(summary);
});

/** The image as the Dockerfile makes it of a program that was built outside. */
async function buildImage(podman: Podman, folder: string): Promise<void> {
  const [dist, files] = [join(folder, 'dist'), join(folder, 'image')];
  await promisify(execFile)(process.execPath, [join(root, 'tools/build.ts'), dist]);
  layOutImage(files, '/usr/local/bin/node', dist);
  const given = ['--build-context', `files=${files}`, '--build-arg', 'BASE_IMAGE=localhost/base:test'];
  await podman.run('build', '--layers=false', '--format', 'docker', ...given, '--tag', 'pillion:test', root);
}

function sidecarObjects(endpoint: string, adminPort: number, healthPort: number): KubernetesObject[] {
  const changes = {
    mode: 'sidecar',
    'sidecar.kind': 'plain',
    'sidecar.hold': '3s',
    'image.repository': 'localhost/pillion',
    'image.tag': 'test',
    'backend.endpoint': endpoint,
    'workload.containers': [
      { name: 'app', image: 'localhost/nginx:test', volumeMounts: [{ name: 'logs', mountPath: '/var/log/nginx' }] },
    ],
  };
  const objects = [...objectsOf(withValues(standardValues(packageVersion(root)), changes)).values()];
  // The pod has the network of the machine, where its usual ports may be taken.
  return objects.map((object) => {
    const data = object['data'] as { 'pillion.yaml': string } | undefined;
    if (data === undefined) return object as unknown as KubernetesObject;
    const text = data['pillion.yaml']
      .replace('admin: {}', `admin: { listen: "127.0.0.1:${adminPort}" }`)
      .replace('health: {}', `health: { listen: "127.0.0.1:${healthPort}" }`);
    return { ...object, data: { 'pillion.yaml': text } } as unknown as KubernetesObject;
  });
}

/** Looks from within the container, with the only program there is. */
async function assertLockedIn(pod: ContainerPod): Promise<void> {
  const look = `
    const fs = require('node:fs');
    const status = Object.fromEntries(fs.readFileSync('/proc/1/status', 'utf8').split('\\n').map((line) => line.split(':\\t')));
    const write = (path) => { try { fs.writeFileSync(path, ''); return 'written'; } catch (error) { return error.code; } };
    const paths = ['/x', '/opt/pillion/x', '/etc/pillion/x', '/var/log/app/x', '/var/lib/pillion/x'];
    console.log(JSON.stringify({ status, writes: Object.fromEntries(paths.map((path) => [path, write(path)])) }));`;
  const { status, writes } = JSON.parse(await pod.exec('pillion', 'node', '-e', look)) as {
    status: Record<string, string>;
    writes: Record<string, string>;
  };
  for (const ids of ['Uid', 'Gid']) assert.equal(status[ids], Array(4).fill(AGENT_UID).join('\t'));
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.equal(status[set], '0'.repeat(16), set);
  assert.equal(status['NoNewPrivs'], '1');
  assert.equal(status['Seccomp'], '2', 'a filter');
  assert.deepEqual(writes, {
    '/x': 'EROFS',
    '/opt/pillion/x': 'EROFS',
    '/etc/pillion/x': 'EROFS',
    '/var/log/app/x': 'EROFS',
    '/var/lib/pillion/x': 'written',
  });
}

function assertResource(backend: OtlpBackend): void {
  const expected = {
    'k8s.pod.name': FIELDS['metadata.name'],
    'k8s.namespace.name': FIELDS['metadata.namespace'],
    'k8s.pod.uid': FIELDS['metadata.uid'],
    'k8s.node.name': FIELDS['spec.nodeName'],
    'k8s.container.name': 'app',
    'service.name': 'app',
    'service.namespace': FIELDS['metadata.namespace'],
    'service.instance.id': `${FIELDS['metadata.namespace']}.${FIELDS['metadata.name']}.app`,
  };
  for (const { resource } of backend.arrivals) {
    const found = Object.fromEntries(Object.keys(expected).map((key) => [key, resource.get(key)]));
    assert.deepEqual(found, expected);
  }
}

/** The paths of the requests in the access log, as they arrived. */
function pathsOf(backend: OtlpBackend): Set<string> {
  const paths = backend.arrivals.map(({ record }) => record.attributes.get('url.path'));
  return new Set(paths.filter((path) => typeof path === 'string' && path !== '/page/late') as string[]);
}

function request(port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = get({ port, path, host: '127.0.0.1', agent: false }, (response) => {
      response.resume().on('end', resolve).on('error', reject);
    });
    asked.on('error', reject);
  });
}

/** A server that answers when it is told to. */
async function openSlowServer(t: TestContext): Promise<{ port: number; asked: () => Promise<ServerResponse> }> {
  const server = createServer();
  const { port } = await listen(t, server);
  const asked = once(server, 'request').then(([, response]) => response as ServerResponse);
  return { port, asked: () => asked };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createSocketServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

function nginxConf(port: number, slowPort: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path /tmp/${name};`,
  );
  return `pid /tmp/nginx.pid;
error_log /var/log/nginx/error.log;
events {}
http {
  access_log /var/log/nginx/access.log combined;
  ${temporary.join(' ')}
  server {
    listen 127.0.0.1:${port};
    location / { return 200 "hello\\n"; }
    location /slow { proxy_pass http://127.0.0.1:${slowPort}; }
  }
}
`;
}
