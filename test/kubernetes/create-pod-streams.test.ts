import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metadataServer, type PodMetadataOptions } from '../../src/kubernetes/create-pod-streams.ts';

const OPTIONS = { token_file: '/t', ca_file: '/c', metadata_wait: 0, labels: [], annotations: [] };
const ENV = { K8S_NODE_NAME: 'node-1', KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

for (const [metadata, server, env, expected] of [
  ['none', undefined, ENV, undefined],
  ['api', undefined, ENV, 'https://10.0.0.1:443'],
  ['api', undefined, { ...ENV, KUBERNETES_SERVICE_HOST: 'fd00::1' }, 'https://[fd00::1]:443'],
  ['api', 'https://api:6443', ENV, 'https://api:6443'],
  ['api', undefined, {}, undefined],
  ['kubelet', undefined, ENV, 'https://node-1:10250'],
  ['kubelet', undefined, {}, undefined],
] as [PodMetadataOptions['metadata'], string | undefined, Record<string, string>, string | undefined][])
  test(`metadataServer() finds ${expected ?? 'nothing'} for "${metadata}"${server ? ' that is written out' : ''}`, () => {
    assert.equal(metadataServer({ ...OPTIONS, metadata, server }, env) || undefined, expected);
  });
