import { TimeZone } from '../../bytes/time-zone.ts';
import type { StageDefinition } from '../../component/definition.ts';
import { type Infer, object } from '../../component/options.ts';
import { MESSAGE_PARSER_OPTIONS, ParserStage, TYPES_OPTION } from '../parser.ts';
import { checkTimezone, TIMEZONE_OPTION } from '../timezone-option.ts';
import { KlogReader } from './klog-reader.ts';

const options = object({ ...MESSAGE_PARSER_OPTIONS, ...TIMEZONE_OPTION, ...TYPES_OPTION });

/** The stage `klog`. */
export const klogStage: StageDefinition<Infer<typeof options>> = {
  type: 'klog',
  summary:
    'Reads lines of klog and glog, as the components of Kubernetes write them: `I0102 15:04:05.678901 12345 file.go:123] ' +
    'message`. The message becomes the body; time and severity are set; `thread.id`, `code.file.path` and ' +
    '`code.line.number` are attributes, as are the keys with values behind a message in quotes. The year is the latest ' +
    'that does not put the record more than a day into the future.',
  options,
  example: {
    config: '- klog',
    input: 'I0102 03:04:05.678901       1 controller.go:116] "Pod status updated" pod="kube-system/dns" ready=true',
    output:
      '{"timeUnixNano":"1767323045678901000","severityNumber":9,"severityText":"I",' +
      '"body":{"stringValue":"Pod status updated"},' +
      '"attributes":[{"key":"pod","value":{"stringValue":"kube-system/dns"}},' +
      '{"key":"ready","value":{"stringValue":"true"}},{"key":"thread.id","value":{"intValue":"1"}},' +
      '{"key":"code.file.path","value":{"stringValue":"controller.go"}},' +
      '{"key":"code.line.number","value":{"intValue":"116"}}]}',
  },
  check: ({ timezone }) => checkTimezone(timezone),
  build({ field, timezone, types }, context) {
    const reader = new KlogReader(TimeZone.named(timezone) ?? TimeZone.utc, types, context.keys);
    return new ParserStage(reader, { field }, context);
  },
};
