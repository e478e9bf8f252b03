import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type WorkloadFacts, workloadAttributes } from '../../src/kubernetes/workload.ts';

const labels = (pairs: Record<string, string>) => new Map(Object.entries(pairs));

const CASES: readonly { name: string; facts: WorkloadFacts; expected: Record<string, string> }[] = [
  {
    name: 'finds a Deployment by the hash of its template',
    facts: { podName: 'web-front-7d4b9c6f5d-x2x9k', labels: labels({ 'pod-template-hash': '7d4b9c6f5d' }) },
    expected: { 'k8s.deployment.name': 'web-front', 'k8s.replicaset.name': 'web-front-7d4b9c6f5d' },
  },
  {
    name: 'says nothing where a long name was cut',
    facts: { podName: 'a-very-long-name-7d4b9x2x9k', labels: labels({ 'pod-template-hash': '7d4b9c6f5d' }) },
    expected: {},
  },
  {
    name: 'finds a StatefulSet',
    facts: { podName: 'db-main-12', labels: labels({ 'statefulset.kubernetes.io/pod-name': 'db-main-12' }) },
    expected: { 'k8s.statefulset.name': 'db-main' },
  },
  {
    name: 'finds a DaemonSet',
    facts: { podName: 'kube-proxy-8z5vx', labels: labels({ 'pod-template-generation': '3' }) },
    expected: { 'k8s.daemonset.name': 'kube-proxy' },
  },
  {
    name: 'finds a Job by either label',
    facts: { podName: 'migrate-x2x9k', labels: labels({ 'job-name': 'migrate' }) },
    expected: { 'k8s.job.name': 'migrate' },
  },
  {
    name: 'finds the CronJob of a Job that is named after a minute',
    facts: { podName: 'backup-29543210-x2x9k', labels: labels({ 'batch.kubernetes.io/job-name': 'backup-29543210' }) },
    expected: { 'k8s.cronjob.name': 'backup', 'k8s.job.name': 'backup-29543210' },
  },
  {
    name: 'takes a Job that is named after a day for a Job',
    facts: { podName: 'backup-20260101-x2x9k', labels: labels({ 'job-name': 'backup-20260101' }) },
    expected: { 'k8s.job.name': 'backup-20260101' },
  },
  {
    name: 'finds a Deployment by the shape of the name where labels are not known',
    facts: { podName: 'web-7d4b9c6f5d-x2x9k' },
    expected: { 'k8s.deployment.name': 'web', 'k8s.replicaset.name': 'web-7d4b9c6f5d' },
  },
  {
    name: 'does not guess where labels are known',
    facts: { podName: 'web-7d4b9c6f5d-x2x9k', labels: labels({}) },
    expected: {},
  },
  {
    name: 'takes no pod of a CronJob for one of a Deployment',
    facts: { podName: 'backup-29456789-x2x9k' },
    expected: {},
  },
  { name: 'takes no other name for one', facts: { podName: 'db-main-0' }, expected: {} },
  {
    name: 'believes the owner',
    facts: {
      podName: 'web-7d4b9c6f5d-x2x9k',
      owner: { kind: 'ReplicaSet', name: 'web-7d4b9c6f5d' },
      labels: labels({ 'pod-template-hash': '7d4b9c6f5d' }),
    },
    expected: { 'k8s.deployment.name': 'web', 'k8s.replicaset.name': 'web-7d4b9c6f5d' },
  },
  {
    name: 'knows a ReplicaSet without a Deployment',
    facts: { podName: 'web-x2x9k', owner: { kind: 'ReplicaSet', name: 'web' }, labels: labels({}) },
    expected: { 'k8s.replicaset.name': 'web' },
  },
  {
    name: 'names a DaemonSet as its owner is named',
    facts: { podName: 'agent-x2x9k', owner: { kind: 'DaemonSet', name: 'agent' } },
    expected: { 'k8s.daemonset.name': 'agent' },
  },
  {
    name: 'passes over owners that the conventions do not know',
    facts: { podName: 'etcd-node-1', owner: { kind: 'Node', name: 'node-1' } },
    expected: {},
  },
];

for (const { name, facts, expected } of CASES)
  test(`workloadAttributes() ${name}`, () => {
    assert.deepEqual(Object.fromEntries(workloadAttributes(facts)), expected);
  });
