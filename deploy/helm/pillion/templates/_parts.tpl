{{- /* Written by tools/deploy.ts from the definitions beside it: "npm run deploy" writes it anew. */}}

{{- define "pillion.config" -}}
{{- if (and (eq .Values.mode "daemonset") .Values.kubernetesApi.enabled) }}
state: /var/lib/pillion
sources:
  pods:
    type: file
    include: [/var/log/pods/*/*/*.log]
    format: auto # cri or docker_json, by the first line of each file
    kubernetes: { metadata: api } # the path names pod and container; pods with a sidecar are left out
pipelines:
  logs:
    from: [pods]
    stages:
      - use: auto # or the name of your format: nginx, pino, spring-boot ...
    to: [backend]
sinks:
  backend:
    type: otlp
    endpoint: "${OTEL_EXPORTER_OTLP_ENDPOINT}"
    compression: gzip
admin: {} # for "pillion status" and the preStop hook, on 127.0.0.1:9595
health: {} # for probes and scrapes, on :9596
{{- else if (eq .Values.mode "daemonset") }}
state: /var/lib/pillion
sources:
  pods:
    type: file
    include: [/var/log/pods/*/*/*.log]
    format: auto # cri or docker_json, by the first line of each file
    kubernetes: { metadata: none } # the path names pod and container; pods with a sidecar are left out
pipelines:
  logs:
    from: [pods]
    stages:
      - use: auto # or the name of your format: nginx, pino, spring-boot ...
    to: [backend]
sinks:
  backend:
    type: otlp
    endpoint: "${OTEL_EXPORTER_OTLP_ENDPOINT}"
    compression: gzip
admin: {} # for "pillion status" and the preStop hook, on 127.0.0.1:9595
health: {} # for probes and scrapes, on :9596
{{- else if (and (eq .Values.sidecar.kind "plain") (not (eq .Values.workload.kind "Deployment"))) }}
state: /var/lib/pillion
sources:
  app:
    type: file
    include: [/var/log/app/*.log]
    space: { limit: 800MiB } # said before the volume reaches its sizeLimit of 1Gi, at which the pod is evicted
pipelines:
  logs:
    from: [app]
    stages:
      - use: auto # or the name of your format: nginx, pino, spring-boot ...
    to: [backend]
sinks:
  backend:
    type: otlp
    endpoint: "${OTEL_EXPORTER_OTLP_ENDPOINT}"
    compression: gzip
admin: {} # for "pillion status" and the preStop hook, on 127.0.0.1:9595
health: {} # for probes and scrapes, on :9596
exit_when: { file: /var/log/app/.done } # a plain container must end by itself, or its Job never does
{{- else }}
state: /var/lib/pillion
sources:
  app:
    type: file
    include: [/var/log/app/*.log]
    space: { limit: 800MiB } # said before the volume reaches its sizeLimit of 1Gi, at which the pod is evicted
pipelines:
  logs:
    from: [app]
    stages:
      - use: auto # or the name of your format: nginx, pino, spring-boot ...
    to: [backend]
sinks:
  backend:
    type: otlp
    endpoint: "${OTEL_EXPORTER_OTLP_ENDPOINT}"
    compression: gzip
admin: {} # for "pillion status" and the preStop hook, on 127.0.0.1:9595
health: {} # for probes and scrapes, on :9596
{{- end }}
{{- end }}

{{- /* The agent as a container: an init container that stays, where sidecar.kind is native. */}}
{{- define "pillion.container" -}}
name: pillion
image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
imagePullPolicy: {{ .Values.image.pullPolicy | quote }}
{{- if (eq .Values.sidecar.kind "native") }}
restartPolicy: Always
{{- end }}
env:
- name: K8S_POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: K8S_POD_UID
  valueFrom:
    fieldRef:
      fieldPath: metadata.uid
- name: K8S_POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: K8S_NAMESPACE_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: K8S_NODE_NAME
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
- name: K8S_CONTAINER_NAME
  value: {{ .Values.sidecar.container | quote }}
{{- if .Values.clusterName }}
- name: K8S_CLUSTER_NAME
  {{- with .Values.clusterName }}
  value: {{ . | quote }}
  {{- end }}
{{- end }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .Values.backend.endpoint | quote }}
{{- with .Values.env }}
{{- toYaml . | nindent 0 }}
{{- end }}
ports:
- name: pillion
  containerPort: 9596
startupProbe:
  httpGet:
    path: /startupz
    port: pillion
  periodSeconds: 1
  timeoutSeconds: 3
  failureThreshold: 60
readinessProbe:
  httpGet:
    path: /readyz
    port: pillion
  periodSeconds: 10
  timeoutSeconds: 3
livenessProbe:
  httpGet:
    path: /livez
    port: pillion
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
lifecycle:
  preStop:
    exec:
      command:
      - pillion
      - drain
      {{- if (eq .Values.sidecar.kind "plain") }}
      - "--hold=15s"
      {{- end }}
resources:
  {{- with .Values.resources.requests }}
  requests:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.resources.limits }}
  limits:
    {{- toYaml . | nindent 4 }}
  {{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop:
    - ALL
  seccompProfile:
    type: RuntimeDefault
terminationMessagePolicy: FallbackToLogsOnError
volumeMounts:
- name: logs
  mountPath: {{ .Values.sidecar.logs.path | quote }}
  readOnly: true
- name: pillion-state
  mountPath: /var/lib/pillion
- name: pillion-config
  mountPath: /etc/pillion
  readOnly: true
- name: podinfo
  mountPath: /etc/podinfo
  readOnly: true
{{- with .Values.extraVolumeMounts }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}

{{- /* The volumes of the agent, and the one of the logs. */}}
{{- define "pillion.volumes" -}}
- name: logs
  emptyDir:
    sizeLimit: {{ .Values.sidecar.logs.sizeLimit | quote }}
- name: pillion-state
  emptyDir:
    sizeLimit: "64Mi"
- name: pillion-config
  configMap:
    name: {{ .Values.configMap | quote }}
- name: podinfo
  downwardAPI:
    items:
    - path: labels
      fieldRef:
        fieldPath: metadata.labels
    - path: annotations
      fieldRef:
        fieldPath: metadata.annotations
{{- with .Values.extraVolumes }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}
