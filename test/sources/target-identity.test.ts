import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resource } from '../../src/core/resource.ts';
import { instanceOf } from '../../src/sources/target-identity.ts';

const nowhere = new Resource(new Map());
const pod = new Resource(new Map([['k8s.pod.name', 'shop-7d9f']]));

test('instanceOf() is the address that is asked, with the name of the pod for what lies in it', () => {
  const cases = [
    { url: 'http://app.example:8080/metrics', own: pod, instance: 'app.example:8080' },
    { url: 'https://app.example/metrics', own: pod, instance: 'app.example:443' },
    { url: 'http://localhost:9090/', own: nowhere, instance: 'localhost:9090' },
    { url: 'http://localhost:9090/', own: pod, instance: 'shop-7d9f:9090' },
    { url: 'http://127.0.0.1/', own: pod, instance: 'shop-7d9f:80' },
    { url: 'redis://[::1]', own: pod, instance: 'shop-7d9f:6379' },
    { url: 'http://10.0.0.7:9090/', own: pod, instance: '10.0.0.7:9090' },
  ];
  for (const { url, own, instance } of cases) assert.equal(instanceOf(new URL(url), own), instance);
});
