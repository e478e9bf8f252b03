import { gunzipSync, zstdDecompressSync } from 'node:zlib';

/** The body of a request as it was before compression; `encoding` is its `content-encoding`. */
export function decompress(body: Buffer, encoding: string | undefined): Buffer {
  switch (encoding) {
    case undefined:
      return body;
    case 'gzip':
      return gunzipSync(body);
    case 'zstd':
      return zstdDecompressSync(body);
    default:
      throw new Error(`Cannot decompress body: encoding ${JSON.stringify(encoding)} is not known`);
  }
}
