import { decodeLogs } from '../../codec/otlp/decode-logs.ts';
import { logsToJson } from '../../codec/otlp/decoded-json.ts';

/**
 * A request in protobuf as OTLP/JSON, on one line. What is nested so deep that no decoder takes it becomes the base64 of
 * the request, as a text: it is most likely why a peer would not have it either.
 */
export function protobufToJson(body: Uint8Array): string {
  try {
    return logsToJson(decodeLogs(body));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return JSON.stringify(Buffer.from(body).toString('base64'));
  }
}
