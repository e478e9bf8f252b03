import { all, ConfigText, equals, isSet, not } from './node.ts';

/** What is sent, and where the agent answers: the same in each mode. */
const tail = (source: string): string => `pipelines:
  logs:
    from: [${source}]
    stages:
      - use: auto # or the name of your format: nginx, pino, spring-boot ...
    to: [backend]
sinks:
  backend:
    type: otlp
    endpoint: "\${OTEL_EXPORTER_OTLP_ENDPOINT}"
    compression: gzip
admin: {} # for "pillion status" and the preStop hook, on 127.0.0.1:9595
health: {} # for probes and scrapes, on :9596
`;

const SIDECAR = `state: /var/lib/pillion
sources:
  app:
    type: file
    include: [/var/log/app/*.log]
    space: { limit: 800MiB } # said before the volume reaches its sizeLimit of 1Gi, at which the pod is evicted
${tail('app')}`;

const PLAIN_JOB = `${SIDECAR}exit_when: { file: /var/log/app/.done } # a plain container must end by itself, or its Job never does
`;

const node = (metadata: string): string => `state: /var/lib/pillion
sources:
  pods:
    type: file
    include: [/var/log/pods/*/*/*.log]
    format: auto # cri or docker_json, by the first line of each file
    kubernetes: { metadata: ${metadata} } # the path names pod and container; pods with a sidecar are left out
${tail('pods')}`;

/** The `pillion.yaml` of each mode, unless a value has one. */
export function configText(): ConfigText {
  return new ConfigText('config', 'pillion.config', [
    { condition: all(equals('mode', 'daemonset'), isSet('kubernetesApi.enabled')), text: node('api') },
    { condition: equals('mode', 'daemonset'), text: node('none') },
    {
      condition: all(equals('sidecar.kind', 'plain'), not(equals('workload.kind', 'Deployment'))),
      text: PLAIN_JOB,
    },
    { text: SIDECAR },
  ]);
}
