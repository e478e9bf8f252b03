/**
 * What a text tells of an exception, as spans of its bytes. Type and message may be empty, but not both.
 */
export class ExceptionSpans {
  /** Where the trace starts: with the line of the exception, or with the name where that stands behind other words. */
  traceStart = 0;
  typeStart = 0;
  typeEnd = 0;
  messageStart = 0;
  messageEnd = 0;

  /** Sets all spans; blanks and line ends around the message are no part of it. Returns whether they say anything. */
  set(
    bytes: Uint8Array,
    traceStart: number,
    typeStart: number,
    typeEnd: number,
    messageStart: number,
    messageEnd: number,
  ): boolean {
    while (messageStart < messageEnd && bytes[messageStart]! <= 0x20) messageStart++;
    while (messageEnd > messageStart && bytes[messageEnd - 1]! <= 0x20) messageEnd--;
    this.traceStart = traceStart;
    this.typeStart = typeStart;
    this.typeEnd = typeEnd;
    this.messageStart = messageStart;
    this.messageEnd = Math.max(messageStart, messageEnd);
    return this.typeEnd > this.typeStart || this.messageEnd > this.messageStart;
  }
}
