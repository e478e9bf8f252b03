import { TimeZone } from '../../bytes/time-zone.ts';
import type { StageDefinition } from '../../component/definition.ts';
import { choice, type Infer, object } from '../../component/options.ts';
import { MESSAGE_PARSER_OPTIONS, ParserStage } from '../parser.ts';
import { checkTimezone, TIMEZONE_OPTION } from '../timezone-option.ts';
import { SyslogReader } from './syslog-reader.ts';

const options = object({
  ...MESSAGE_PARSER_OPTIONS,
  format: choice(['auto', 'rfc3164', 'rfc5424'], {
    doc:
      'How the lines are written: `rfc5424` with a version behind the priority, `rfc3164` without, as in the files of ' +
      'rsyslog too; `auto` looks at each.',
    default: 'auto',
  }),
  ...TIMEZONE_OPTION,
});

/** The stage `syslog`. */
export const syslogStage: StageDefinition<Infer<typeof options>> = {
  type: 'syslog',
  summary:
    'Reads lines of syslog, as RFC 3164 and RFC 5424 have them and as rsyslog writes them into files. The message ' +
    'becomes the body; time and severity are set; `host.name`, `syslog.appname`, `process.pid` (`syslog.procid` where ' +
    'it is no number), `syslog.msgid`, `syslog.facility` (its number) and `syslog.version` are attributes, as is each ' +
    'parameter of structured data, `syslog.structured_data.<id>.<name>`. The priority may be missing. A time without ' +
    'a year has the latest year that does not put it more than a day into the future. In RFC 3164 a tag ends with a ' +
    'colon, or with a process in brackets; a line without one is all message.',
  options,
  example: {
    config: '- syslog',
    input: '<38>Jan  2 03:04:05 gate sshd[811]: Accepted publickey for anna',
    output:
      '{"timeUnixNano":"1767323045000000000","severityNumber":9,"severityText":"info",' +
      '"body":{"stringValue":"Accepted publickey for anna"},' +
      '"attributes":[{"key":"host.name","value":{"stringValue":"gate"}},' +
      '{"key":"syslog.appname","value":{"stringValue":"sshd"}},' +
      '{"key":"process.pid","value":{"intValue":"811"}},' +
      '{"key":"syslog.facility","value":{"intValue":"4"}}]}',
  },
  check: ({ timezone }) => checkTimezone(timezone),
  build({ field, format, timezone }, context) {
    const reader = new SyslogReader(format, TimeZone.named(timezone) ?? TimeZone.utc, context.keys);
    return new ParserStage(reader, { field }, context);
  },
};
