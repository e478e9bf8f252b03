import type { HttpAnswer } from './http-answer.ts';

const NO_BYTES = Buffer.alloc(0);

/**
 * Undoes the `Content-Encoding` of an answer, within the limit on the body that comes out. Encodings that nobody asked
 * for and bytes that do not decompress make a body that is not whole.
 */
export async function decompressAnswer(answer: HttpAnswer, maxResponseBytes: number): Promise<HttpAnswer> {
  if (answer.kind !== 'answer' || !answer.isWhole || answer.body.length === 0) return answer;
  const encoding = (answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return answer;
  const body = encoding === 'gzip' ? await gunzip(answer.body, maxResponseBytes) : undefined;
  if (body === 'too_large') return { kind: 'response_too_large', status: answer.status };
  return { ...answer, body: body ?? NO_BYTES, isWhole: body !== undefined };
}

function gunzip(body: Buffer, maxOutputLength: number): Promise<Buffer | 'too_large' | undefined> {
  const zlib = process.getBuiltinModule('node:zlib');
  return new Promise((resolve) => {
    zlib.gunzip(body, { maxOutputLength }, (error: NodeJS.ErrnoException | null, decompressed) => {
      if (error === null) resolve(decompressed);
      else resolve(error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : undefined);
    });
  });
}
