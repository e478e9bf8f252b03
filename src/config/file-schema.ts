import * as v from 'valibot';
import {
  attributes,
  choice,
  defaultText,
  defaultTexts,
  described,
  duration,
  flag,
  integer,
  listenAddress,
  loopbackAddress,
  notList,
  type OptionDoc,
  object,
  optionalDuration,
  optionalText,
  size,
  text,
  texts,
} from '../component/options.ts';
import { POD_INFO_FOLDER } from '../kubernetes/downward-api.ts';
import { LOG_LEVELS, ON_ERROR, RELOADS } from './agent-config.ts';

/** More cores than anybody gives a sidecar. */
const MAX_WORKERS = 64;

/** A map of names and what they stand for, which is checked by the type that each one names. */
function named(what: string, option: OptionDoc) {
  const map = notList(v.record(v.string(), v.unknown(), `expected a map of names and ${what}s`));
  return described(v.pipe(map, v.minEntries(1, `expected at least one ${what}`)), 'map', option);
}

/** Where the agent can be asked: read alone by commands that ask it, with the rest of the file whatever it is. */
export const addressEntries = {
  admin: v.optional(
    described(
      object({
        listen: loopbackAddress({
          doc: 'Where `pillion status` and `pillion drain` find the agent: a loopback address.',
          default: '127.0.0.1:9595',
        }),
      }),
      'map',
      {
        doc: 'Answers `GET /ledger`, `GET /unmatched` (the kinds of lines that stages could not read), `GET /metrics`, the probes, `POST /-/drain` and `POST /-/reload` to processes beside the agent. Off where it is not written: it takes a port of the whole pod, and some memory.',
        example: '{ listen: "127.0.0.1:9595" }',
      },
    ),
  ),
  health: v.optional(
    described(
      object({
        listen: listenAddress({
          doc: 'Where the probes of the kubelet and the scrapes of Prometheus find the agent; they come from outside the pod. Without a host it is every address, of IPv4 and IPv6.',
          default: ':9596',
        }),
      }),
      'map',
      {
        doc: 'Answers `GET /startupz`, `GET /readyz`, `GET /livez` and `GET /metrics`, and nothing else, to whoever reaches it. The agent is ready once it watches its folders, and stays so when a backend is away: a pod does not have to leave its service because its logs wait. A source `health` can have it go by the application, too. `?verbose` adds what each source and sink does.',
        example: '{ listen: "0.0.0.0:9596" }',
      },
    ),
  ),
};

/** The keys of a configuration file. */
export const fileSchema = object({
  state: optionalText({
    doc: 'The folder for checkpoints, of this agent alone. Left out, it is `/var/lib/pillion`; where that cannot be written, nothing is kept, the log says so, and every file is read from its beginning after a restart.',
    example: '/var/lib/pillion',
  }),
  resource: attributes({
    doc: 'Attributes of the resource. They win over OTEL_SERVICE_NAME, that over OTEL_RESOURCE_ATTRIBUTES, and that over what is known of the pod. See docs/kubernetes.md.',
    example: '{ service.name: checkout }',
  }),
  pod_info: v.optional(
    described(
      object({
        path: defaultText({
          doc: 'The folder of the volume, with its files `labels` and `annotations`. They are read again when they change.',
          default: POD_INFO_FOLDER,
        }),
        labels: defaultTexts({
          doc: 'Which labels become attributes of the resource as they are, `k8s.pod.label.<key>`; `*`: all of them.',
          default: [],
          example: 'team',
        }),
        annotations: defaultTexts({
          doc: 'Which annotations do, `k8s.pod.annotation.<key>`.',
          default: [],
        }),
      }),
      'map',
      {
        doc: 'What a volume of the downward API says of the pod. Where it is there, `service.name`, `service.version` and the workload follow from the labels, and each annotation `resource.opentelemetry.io/<name>` is an attribute. It takes K8S_POD_NAME in the environment. See docs/kubernetes.md.',
        example: '{ labels: [team] }',
      },
    ),
    {},
  ),
  sources: named('source', {
    doc: 'Where records come from.',
    example: '{ app: { type: file, include: [/var/log/app/*.log] } }',
  }),
  pipelines: named('pipeline', {
    doc: 'Ways from sources through stages to sinks.',
    example: '{ logs: { from: [app], stages: [json], to: [backend] } }',
  }),
  sinks: named('sink', {
    doc: 'Where records go.',
    example: '{ backend: { type: otlp, endpoint: "http://localhost:4318" } }',
  }),
  ...addressEntries,
  reload: choice(RELOADS, {
    doc: 'When the agent takes over a changed configuration: `auto`, when the file, or a file of stages that it names, has changed, and when it is asked to; `manual`, only when it is asked to, by SIGHUP or `POST /-/reload` of the admin address. See docs/reload.md.',
    default: 'auto',
  }),
  workers: integer({
    doc: 'How many threads the files are spread over; more than the container has cores is no use. With 1 there is none beside the one of the agent. Each has the stages and sinks for itself, also their requests in flight. See docs/workers.md.',
    default: 1,
    min: 1,
    max: MAX_WORKERS,
  }),
  termination_message: optionalText({
    doc: 'The file that gets the last line of the log at the end, for `kubectl describe`. Without it `/dev/termination-log` is written where it exists, as in every container of Kubernetes.',
    example: '/dev/termination-log',
  }),
  exit_when: v.optional(
    described(
      object({
        file: optionalText({
          doc: 'A file that says, by being there, that the application is done.',
          example: '/var/log/app/.done',
        }),
        idle: optionalDuration({
          doc: 'How long nothing was written to the files, counted from the start on: longer than the application needs to begin writing, and than it may be silent.',
          example: '30s',
        }),
        process_gone: optionalText({
          doc: 'The name of a process that has been seen and is gone. The containers of the pod must share their processes (`shareProcessNamespace: true`).',
          example: 'worker',
        }),
        process_wait: optionalDuration({
          doc: 'How long that process is waited for at the start. One that was not there by then counts as gone: it may have ended before the agent looked. Longer than the images of the pod take to be pulled; without it the agent waits for ever, and says so.',
          example: '10m',
        }),
        drain_timeout: optionalDuration({
          doc: 'How long the agent may read and send then. Without it for as long as it takes: nobody is about to kill it, and what is not delivered is lost with the pod. SIGTERM sets the limit of `drain_timeout` all the same.',
          example: '10m',
        }),
      }),
      'map',
      {
        doc: 'When the agent drains and ends by itself, with exit code 0: for Jobs on clusters without native sidecars. What comes first counts.',
        example: '{ file: /var/log/app/.done }',
      },
    ),
  ),
  drain_timeout: duration({
    doc: 'How long the agent may read and send after it was asked to end. Kubernetes kills it 30 s after asking.',
    default: '25s',
  }),
  linger: duration({
    doc: 'How long nothing must have been written until the agent ends, once it was asked to: for a container beside the application, which gets SIGTERM at the same time and may end first. Within `drain_timeout`. A native sidecar needs none: it is asked when the application has ended.',
    default: '0s',
    example: '3s',
  }),
  log_level: choice(LOG_LEVELS, { doc: "How much of the agent's own log is shown.", default: 'info' }),
});

const target = v.union(
  [
    v.pipe(v.string(), v.minLength(1)),
    object({ sink: text({ doc: 'Its name.' }), if: optionalText({ doc: 'The condition.' }) }),
  ],
  'expected the name of a sink, or a map of "sink" and "if"',
);

const targets = v.pipe(
  v.union([v.pipe(v.array(target), v.minLength(1, 'expected at least one')), target], 'expected a list of sinks'),
  v.transform((written): { readonly sink: string; readonly if?: string | undefined }[] =>
    (Array.isArray(written) ? written : [written]).map((one) => (typeof one === 'string' ? { sink: one } : one)),
  ),
);

/** One pipeline. */
export const pipelineSchema = object({
  from: texts({ doc: 'The sources that it reads.', example: '[app]' }),
  stages: v.optional(
    described(v.array(v.unknown(), 'expected a list of stages'), 'list of stages', {
      doc: 'What is done to the records, in this order.',
      example: '[json]',
    }),
    [],
  ),
  to: described(targets, 'list of sinks', {
    doc: 'The sinks that it writes to: the name of each, or `{ sink: name, if: condition }` for one that takes only the records that meet a condition in CEL, as of the stage `filter`.',
    example: '[backend]',
  }),
  dead_letter: optionalText({
    doc: 'A file to which the records are appended that a stage with `on_error: dead_letter` cannot read, as they then are, with the reason: a JSON object a line, whose `request` can be sent as OTLP/JSON.',
    example: '/var/lib/pillion/unread.jsonl',
  }),
  dead_letter_max_size: size({
    doc: 'How large that file may become. A full one keeps what it has, and further records are only counted.',
    default: '64MiB',
    min: '64KiB',
  }),
  opt_in: flag({
    doc: 'Whether only those pods take it whose annotation `pillion.dev/pipeline` names it; see `kubernetes` of the file source. A pod that asks for a pipeline takes no other one.',
    default: false,
  }),
  record_uid: flag({
    doc: 'Whether each record carries `log.record.uid`, made of its stream and its place there. A record that has to be sent again has the same one, so that a backend can remove repeats.',
    default: false,
  }),
});

/** What may stand beside the name of a stage. */
export const stageKeysSchema = object({
  if: optionalText({
    doc: 'A condition in CEL, as of the stage `filter`: the stage works on the records that meet it, and leaves the others alone.',
    example: 'body.startsWith("{")',
  }),
  on_error: choice(ON_ERROR, {
    doc: 'What becomes of a record that the stage cannot read: it goes on marked `parse_failed`; with `ignore` it goes on neither marked nor counted, for a stage that looks for what only some records have; or it is dropped and counted, or it is appended to the `dead_letter` file of the pipeline and then dropped.',
    default: 'forward',
  }),
});

/** What `use` takes. */
export const useSchema = object({
  use: text({
    doc: 'The name of a ready-made pipeline; `auto`, which chooses one of them, or stages for the form of the lines, for each stream by its first records; or a file, relative to the configuration file: a stage of your own, `.ts`, or a list of stages, `.yaml`.',
    example: './stages/mask-account.ts',
  }),
  options: v.optional(described(v.unknown(), 'what the stage takes', { doc: 'The options of a stage of your own.' })),
});

/** A file of stages: `pipeline.yaml` of a ready-made pipeline, or one of the user's. */
export const groupSchema = object({
  summary: optionalText({ doc: 'What it reads, in a sentence.' }),
  detect: optionalText({
    doc: 'A condition in CEL by which a record shows that it is of this format, once the stages have read it. Lines that meet it speak for the format in `pillion detect` and `use: auto`.',
    example: '\'"http.request.method" in attributes\'',
  }),
  multiline: v.optional(
    described(v.unknown(), 'language or map', {
      doc: 'How file sources put lines together for it, as their option `multiline` has it; that of the source wins.',
      example: 'java',
    }),
  ),
  stages: described(
    v.pipe(v.array(v.unknown(), 'expected a list of stages'), v.minLength(1, 'expected at least one')),
    'list of stages',
    { doc: 'What is done to the records, in this order.', example: '[json]' },
  ),
});
