import { ParsedTime } from '../../bytes/parsed-time.ts';

/** What stands in a line of syslog, as spans; one that is empty is not there. One object is used again for every line. */
export class SyslogLine {
  /** 8 times the facility and the severity; -1: the line does not say it. */
  priority = -1;
  versionStart = 0;
  versionEnd = 0;
  hasTime = false;
  readonly time = new ParsedTime();
  hostStart = 0;
  hostEnd = 0;
  appStart = 0;
  appEnd = 0;
  processStart = 0;
  processEnd = 0;
  messageIdStart = 0;
  messageIdEnd = 0;
  /** From the first bracket to behind the last one. */
  dataStart = 0;
  dataEnd = 0;
  messageStart = 0;
  messageEnd = 0;

  /** Makes it a line in which nothing stands. */
  reset(): void {
    this.priority = -1;
    this.versionStart = this.versionEnd = 0;
    this.hasTime = false;
    this.hostStart = this.hostEnd = 0;
    this.appStart = this.appEnd = 0;
    this.processStart = this.processEnd = 0;
    this.messageIdStart = this.messageIdEnd = 0;
    this.dataStart = this.dataEnd = 0;
    this.messageStart = this.messageEnd = 0;
  }
}
