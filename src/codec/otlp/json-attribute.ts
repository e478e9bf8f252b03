import type { ByteBuffer } from '../../bytes/byte-buffer.ts';
import type { AttributeValue } from '../../core/resource.ts';
import { appendBytes } from '../json/append-bytes.ts';
import { appendJsonText } from '../json/write-string.ts';

/** Appends a KeyValue in OTLP/JSON. Makes garbage: for what is encoded once, or rarely. */
export function appendAttribute(out: ByteBuffer, key: string, value: AttributeValue | readonly string[]): void {
  appendAscii(out, '{"key":');
  appendJsonText(out, key);
  appendAscii(out, ',"value":');
  appendValue(out, value);
  appendAscii(out, '}');
}

function appendValue(out: ByteBuffer, value: AttributeValue | readonly string[]): void {
  switch (typeof value) {
    case 'string':
      appendAscii(out, '{"stringValue":');
      appendJsonText(out, value);
      appendAscii(out, '}');
      break;
    case 'boolean':
      appendAscii(out, `{"boolValue":${value}}`);
      break;
    case 'number':
      appendAscii(out, numberValue(value));
      break;
    default:
      appendAscii(out, '{"arrayValue":{"values":[');
      for (const [index, text] of value.entries()) {
        if (index > 0) appendAscii(out, ',');
        appendValue(out, text);
      }
      appendAscii(out, ']}}');
  }
}

/** Integers that a double holds exactly are int64; JSON has no NaN and no infinity, protobuf writes them as strings. */
function numberValue(value: number): string {
  if (Number.isSafeInteger(value)) return `{"intValue":"${value}"}`;
  return `{"doubleValue":${Number.isFinite(value) ? value : `"${value}"`}}`;
}

/** Appends text that has nothing to escape. */
export function appendAscii(out: ByteBuffer, text: string): void {
  appendBytes(out, Buffer.from(text, 'latin1'));
}
