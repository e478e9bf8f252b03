import {
  choice,
  defaultText,
  defaultTexts,
  duration,
  type Infer,
  object,
  optionalText,
} from '../../component/options.ts';
import { ConfigError } from '../../core/errors.ts';
import { METADATA_SOURCES, metadataServer, SERVICE_ACCOUNT } from '../../kubernetes/create-pod-streams.ts';

/** The options `kubernetes` of the file source. */
export const kubernetesOptions = object({
  metadata: choice(METADATA_SOURCES, {
    doc: 'Who is asked for labels, annotations, images and owners of the pods of this node. `none`: nobody; what the path says will do. `api`: the API server, by a list and a watch of the pods of this node. `kubelet`: the list of the kubelet. The node is K8S_NODE_NAME of the environment.',
    default: 'none',
  }),
  server: optionalText({
    doc: 'Its URL. Without it that of the API server is in the environment of each pod, and the kubelet is port 10250 of the node.',
    example: 'https://10.0.0.7:10250',
  }),
  token_file: defaultText({
    doc: 'The token of the service account. It is read again when the kubelet replaces it; none is sent where it is not there.',
    default: `${SERVICE_ACCOUNT}/token`,
  }),
  ca_file: defaultText({
    doc: 'The authority of the certificate of the server. Those of kubelets are often signed by an authority of their own.',
    default: `${SERVICE_ACCOUNT}/ca.crt`,
    example: '/var/lib/kubelet/pki/kubelet.crt',
  }),
  metadata_wait: duration({
    doc: 'How long a file waits until its pod is known. Then it is read all the same, and what follows carries more when that comes.',
    default: '5s',
  }),
  labels: defaultTexts({
    doc: 'Which labels become attributes of the resource as they are, `k8s.pod.label.<key>`; `*`: all of them.',
    default: [],
    example: 'team',
  }),
  annotations: defaultTexts({ doc: 'Which annotations do, `k8s.pod.annotation.<key>`.', default: [] }),
});

/** The options, checked. */
export type KubernetesOptions = Infer<typeof kubernetesOptions>;

/** What is wrong with them, given the environment. */
export function kubernetesErrors(
  options: KubernetesOptions | undefined,
  env: Readonly<Record<string, string | undefined>>,
): ConfigError[] {
  if (options === undefined || options.metadata === 'none') return [];
  const server = metadataServer(options, env);
  const errors: ConfigError[] = [];
  const wrong = (key: string, message: string, hint: string): void => {
    errors.push(new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['kubernetes', key], message, hint }));
  };
  const url = server === undefined ? null : URL.parse(server);
  if (server !== undefined && (url === null || !/^https?:$/.test(url.protocol) || url.username !== '')) {
    wrong(
      'server',
      'Cannot use "server": expected a URL that starts with https://',
      'Write it as in https://10.0.0.7:10250',
    );
  }
  const isNodeNeeded = options.metadata === 'api' || server === undefined;
  if (isNodeNeeded && !env['K8S_NODE_NAME']) {
    const hint = 'Set it by the downward API, from the field spec.nodeName';
    wrong('metadata', 'Cannot tell which node this is: the variable K8S_NODE_NAME is not set', hint);
  } else if (server === undefined) {
    wrong('server', 'Cannot find the API server: KUBERNETES_SERVICE_HOST is not set', 'Write its URL as "server"');
  }
  return errors;
}
