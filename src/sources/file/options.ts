import { optional } from 'valibot';
import {
  choice,
  defaultText,
  defaultTexts,
  described,
  duration,
  flag,
  type Infer,
  integer,
  object,
  optionalDuration,
  optionalSize,
  size,
  texts,
} from '../../component/options.ts';
import { FORMATS } from '../../framing/framings.ts';
import { kubernetesOptions } from './kubernetes-options.ts';
import { multilineOption } from './multiline-options.ts';
import { SPACE_POLICIES } from './space-limit.ts';

const space = object({
  limit: size({
    doc: 'How much all files of the source may take together. Choose it below the `sizeLimit` of the volume.',
    default: '1GiB',
  }),
  min_free: optionalSize({
    doc: 'How much must stay free on the file system of the files, whoever uses it: for a volume that others fill, too, and for one in memory, which has a size of its own.',
    example: '64MiB',
  }),
  policy: choice(SPACE_POLICIES, {
    doc: 'What is done beyond that. `warn`: it is said, and counted. With the other two one reader serves all sinks, as with `readers: shared`, so that no file is removed before every sink has it. `remove_delivered`: rotated files are removed, the oldest first, when all of them is delivered. `drop_oldest`: then the oldest rotated files are removed though they are not delivered; what was unread in them is lost and counted. A file that still has its first name is never removed.',
    default: 'warn',
  }),
});

/** The options of the file source. */
export const fileOptions = object({
  include: texts({
    doc: 'Which files to read, as glob patterns; `**` crosses folders. A rotated file is read to its end even where its new name matches no pattern.',
    example: '/var/log/app/*.log',
  }),
  exclude: defaultTexts({
    doc: 'Which of these files not to read. A pattern without a slash is about the name of the file, in any folder.',
    default: [],
    example: '*.gz',
  }),
  allowed_roots: defaultTexts({
    doc: 'Folders into which links may lead, beside the one in which a pattern of `include` starts. A link to anywhere else is not followed: whoever writes the logs could have the agent read its own token.',
    default: [],
    example: '/var/log/pods',
  }),
  start_at: choice(['beginning', 'end'], {
    doc: 'Where to start in files that are there at the very first start. Files that come later are always read from their beginning.',
    default: 'beginning',
  }),
  readers: choice(['per_sink', 'shared'], {
    doc: 'Who reads for several sinks. `per_sink`: a reader for each of them, with offsets of its own; a sink that is down keeps no other one waiting, and catches up from the files later. `shared`: one reader for all, which reads, parses and holds the files open once; a sink that is down stops the others when the batches in memory are used up. A sink that is added later gets what is new from then on.',
    default: 'per_sink',
  }),
  poll_interval: duration({
    doc: 'How often to look for new files and new lines. Notifications of the system make it faster where they work.',
    default: '250ms',
    min: '10ms',
  }),
  max_record_size: size({
    doc: 'The longest record. What is longer is cut, marked and counted.',
    default: '1MiB',
    min: '1KiB',
    max: '64MiB',
  }),
  encoding: defaultText({
    doc: 'How the files are encoded, as a label of the WHATWG Encoding Standard, such as `utf-16le`, `shift_jis`, `gbk` or `windows-1252`. A byte order mark at the start of a file goes before it. `max_record_size` is in bytes of the file.',
    default: 'utf-8',
    example: 'shift_jis',
  }),
  format: choice(['auto', ...FORMATS], {
    doc: 'The form of the files. `plain`: the lines are those of the application. `cri` and `docker_json`: a container runtime wrote them, with a time and a stream before each line and long lines in parts; the parts are joined, the stream becomes `log.iostream`. `auto` decides by the first line of each file, once.',
    default: 'auto',
  }),
  multiline: multilineOption,
  rotate_wait: duration({
    doc: 'How long a renamed or deleted file must be silent until it counts as finished. Then its last line is taken even without a line end, and the file is closed.',
    default: '5s',
  }),
  max_files: integer({
    doc: 'How many files are followed at most. More are not read until there is room for them; they are counted.',
    default: 10_000,
    min: 1,
  }),
  max_open_files: integer({
    doc: 'How many files are held open at most, by all readers of the source together, and at most half of what the process may open. A file that has a name is closed when another one needs its place, and opened again when it has something new. Of deleted files the oldest is given up when nothing else can be closed; what was unread in it is lost and counted.',
    default: 1000,
    min: 4,
  }),
  max_deleted_size: size({
    doc: 'How much deleted files that are held open until they are delivered may take of the disk. Beyond that the oldest are given up; what was unread in them is lost and counted. Each reader of the source counts those that it holds itself; mostly these are the same files.',
    default: '10GiB',
  }),
  remove_after: optionalDuration({
    doc: 'Removes rotated files, compressed ones too, when all of them is delivered and nothing was written to them for so long. Left are files with their first name, and those that may hold the only copy of something: a record that was rejected, a line that was cut, a start that was passed over. One reader serves all sinks then, as with `readers: shared`. The volume must be writable for the agent.',
    example: '1m',
    min: '2s',
  }),
  space: optional(
    described(space, 'map', { doc: 'A limit for the space that the files take, and what to do beyond it.' }),
  ),
  kubernetes: optional(
    described(kubernetesOptions, 'map', {
      doc: 'For the logs of the containers of a node, `/var/log/pods/*/*/*.log`, in a DaemonSet: records carry the pod and the container that the path names, and more with `metadata`. Pods with a container `pillion` are left out, because a sidecar reads them. Annotations of a pod decide: `pillion.dev/exclude: "true"` leaves it out, `"false"` reads it though it has a sidecar; `pillion.dev/pipeline` names the pipeline that it takes. See docs/kubernetes.md.',
      example: '{ metadata: api }',
    }),
  ),
  file_path: flag({
    doc: 'Whether each record carries the whole path of its file as `log.file.path`, beside `log.file.name`.',
    default: false,
  }),
});

/** The options of the file source, checked. */
export type FileOptions = Infer<typeof fileOptions>;
