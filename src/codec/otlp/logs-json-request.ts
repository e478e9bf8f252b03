import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { NO_SPAN, type RecordBatch, RecordFlag } from '../../core/record-batch.ts';
import type { AttributeValue, Resource } from '../../core/resource.ts';
import type { ValueType } from '../../core/value-type.ts';
import { appendBytes } from '../json/append-bytes.ts';
import { UNIX_NANO_DIGITS, writeUnixNano } from '../json/unix-nano-text.ts';
import { appendJsonString } from '../json/write-string.ts';
import type { RequestEncoder } from '../request-encoder.ts';
import { JsonAnyValueEncoder } from './json-any-value.ts';
import { MARKS_KEY, marksOf } from './marks.ts';
import { RecordGroups } from './record-groups.ts';

const TIME = Buffer.from('{"timeUnixNano":"');
const OBSERVED_TIME = Buffer.from('{"observedTimeUnixNano":"');
const AND_OBSERVED_TIME = Buffer.from('","observedTimeUnixNano":"');
const SEVERITY_NUMBER = Buffer.from('","severityNumber":');
