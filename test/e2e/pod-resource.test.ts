import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startAgent } from '../harness/agent-process.ts';
import { prepare } from '../harness/setting.ts';

const POD = {
  K8S_POD_NAME: 'web-7d4b9c6f5d-x2x9k',
  K8S_NAMESPACE_NAME: 'shop',
  K8S_NODE_NAME: 'node-1',
  K8S_CONTAINER_NAME: 'app',
};

test('records carry what the downward API says of the pod, and OTEL_RESOURCE_ATTRIBUTES and "resource" win over it', async (t) => {
  const { folder, logs, backend, config } = await prepare(t, {});
  const podInfo = join(folder, 'podinfo');
  mkdirSync(podInfo);
  writeFileSync(join(podInfo, 'labels'), 'app.kubernetes.io/version="2.1"\npod-template-hash="7d4b9c6f5d"\nteam="red"');
  writeFileSync(join(podInfo, 'annotations'), 'resource.opentelemetry.io/deployment.environment.name="prod"');
  const agent = await startAgent(
    t,
    folder,
    { ...config, resource: { team: 'written' }, pod_info: { path: podInfo, labels: ['team'] } },
    { env: { ...POD, OTEL_RESOURCE_ATTRIBUTES: 'k8s.node.name=other,team=x' } },
  );
  appendFileSync(join(logs, 'app.log'), 'one\n');
  await agent.until('the line arrives', () => backend.arrivals.length === 1);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assert.deepEqual(Object.fromEntries(backend.arrivals[0]!.resource), {
    'k8s.node.name': 'other',
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': 'web-7d4b9c6f5d-x2x9k',
    'k8s.deployment.name': 'web',
    'k8s.replicaset.name': 'web-7d4b9c6f5d',
    'k8s.container.name': 'app',
    'k8s.pod.label.team': 'red',
    'service.name': 'web',
    'service.namespace': 'shop',
    'service.version': '2.1',
    'service.instance.id': 'shop.web-7d4b9c6f5d-x2x9k.app',
    'deployment.environment.name': 'prod',
    team: 'written',
  });
});
