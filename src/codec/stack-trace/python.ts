import type { ExceptionSpans } from './exception-spans.ts';
import { indentEnd, nameEnd, prefix, startsWith } from './line-shape.ts';
import { lineEnd, trimmedEnd } from './lines.ts';

const TRACEBACK = prefix('Traceback (most recent call last):');
const GROUP_TRACEBACK = prefix('+ Exception Group Traceback (most recent call last):');
/** What may stand behind a message: words between two exceptions of a chain, and stacks that loggers add. */
const MESSAGE_ENDS = [
  'During handling of the above exception',
  'The above exception was the direct cause',
  'Stack (most recent call last):',
  'Call stack:',
].map(prefix);

/** How Loguru writes the frame in which an exception was caught. */
const MARKED_FRAME = prefix('> File "');

const COLON = 0x3a;
const POINT = 0x2e;
const PIPE = 0x7c;
const PLUS = 0x2b;

/** Whether the line begins a traceback of Python. */
export function isTraceback(bytes: Uint8Array, at: number, end: number): boolean {
  return startsWith(bytes, at, end, TRACEBACK) || startsWith(bytes, at, end, GROUP_TRACEBACK);
}

/** How much further in than other tracebacks of its chain a group is headed, and its lines behind the margin stand. */
const GROUP_HEADER_INDENT = 2;
const GROUP_INDENT = 4;

/**
 * Finds the exception of the traceback on the line at `trace`: of a chain the last one, of a group the group itself.
 * O(bytes).
 */
export function findInTraceback(bytes: Uint8Array, trace: number, end: number, into: ExceptionSpans): boolean {
  const at = indentEnd(bytes, trace, end);
  let isGroup = bytes[at] === PLUS;
  const indent = Math.max(0, at - trace - (isGroup ? GROUP_HEADER_INDENT : 0));
  let name = -1;
  let message = end;
  let isAmongFrames = true;
  for (let line = lineEnd(bytes, trace, end) + 1; line < end; ) {
    const to = lineEnd(bytes, line, end);
    const text = Math.min(line + indent + (isGroup ? GROUP_INDENT : 0), to);
    if (isAmongFrames) {
      if (text < to && bytes[text]! > 0x20 && !startsWith(bytes, text, to, MARKED_FRAME)) {
        name = text;
        message = end;
        isAmongFrames = false;
      }
    } else if (isGroup) {
      isGroup = isInGroup(bytes, line, to);
      if (!isGroup) message = line;
    } else if (MESSAGE_ENDS.some((words) => startsWith(bytes, text, to, words))) {
      message = Math.min(message, line);
    } else {
      isGroup = startsWith(bytes, text + GROUP_HEADER_INDENT, to, GROUP_TRACEBACK);
      isAmongFrames = isGroup || startsWith(bytes, text, to, TRACEBACK);
    }
    line = to + 1;
  }
  if (name < 0) return false;
  const nameTo = nameEnd(bytes, name, trimmedEnd(bytes, name, lineEnd(bytes, name, end)), POINT);
  const messageAt = bytes[nameTo] === COLON ? nameTo + 1 : nameTo;
  return into.set(bytes, trace, name, nameTo, messageAt, message);
}

/** Whether the line belongs to the exception of the group; those inside stand behind `+-+----`. */
function isInGroup(bytes: Uint8Array, line: number, to: number): boolean {
  return bytes[indentEnd(bytes, line, to)] === PIPE;
}
