import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOptions } from '../../../src/component/check-options.ts';
import { kubernetesErrors, kubernetesOptions } from '../../../src/sources/file/kubernetes-options.ts';

const IN_A_POD = { K8S_NODE_NAME: 'node-1', KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

for (const { name, written, env, expected } of [
  { name: 'nothing wrong where nobody is asked', written: {}, env: {}, expected: [] },
  { name: 'nothing wrong in a pod', written: { metadata: 'api' }, env: IN_A_POD, expected: [] },
  { name: 'nothing wrong with a kubelet', written: { metadata: 'kubelet' }, env: IN_A_POD, expected: [] },
  {
    name: 'nothing wrong with a kubelet that is written out',
    written: { metadata: 'kubelet', server: 'https://10.0.0.7:10250' },
    env: {},
    expected: [],
  },
  {
    name: 'that the node is not known',
    written: { metadata: 'api' },
    env: { ...IN_A_POD, K8S_NODE_NAME: '' },
    expected: ['kubernetes.metadata: Cannot tell which node this is: the variable K8S_NODE_NAME is not set'],
  },
  {
    name: 'that the node of a kubelet is not known',
    written: { metadata: 'kubelet' },
    env: {},
    expected: ['kubernetes.metadata: Cannot tell which node this is: the variable K8S_NODE_NAME is not set'],
  },
  {
    name: 'that there is no API server',
    written: { metadata: 'api' },
    env: { K8S_NODE_NAME: 'node-1' },
    expected: ['kubernetes.server: Cannot find the API server: KUBERNETES_SERVICE_HOST is not set'],
  },
  {
    name: 'a server that is no URL, without a password in it',
    written: { metadata: 'api', server: 'ftp://user:secret@host' },
    env: IN_A_POD,
    expected: ['kubernetes.server: Cannot use "server": expected a URL that starts with https://'],
  },
] as { name: string; written: object; env: Record<string, string>; expected: string[] }[])
  test(`kubernetesErrors() finds ${name}`, () => {
    const checked = checkOptions(kubernetesOptions, written, []);
    assert.ok(checked.ok);
    const errors = kubernetesErrors(checked.options, env);
    assert.deepEqual(
      errors.map(({ path, message }) => `${path.join('.')}: ${message}`),
      expected,
    );
  });
