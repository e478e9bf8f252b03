import { choice, defaultTexts, duration, flag, type Infer, object, size, texts } from '../../component/options.ts';

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
  start_at: choice(['beginning', 'end'], {
    doc: 'Where to start in files that are there at the very first start. Files that come later are always read from their beginning.',
    default: 'beginning',
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
  rotate_wait: duration({
    doc: 'How long a renamed or deleted file must be silent until it counts as finished. Then its last line is taken even without a line end, and the file is closed.',
    default: '5s',
  }),
  file_path: flag({
    doc: 'Whether each record carries the whole path of its file as `log.file.path`, beside `log.file.name`.',
    default: false,
  }),
});

/** The options of the file source, checked. */
export type FileOptions = Infer<typeof fileOptions>;
