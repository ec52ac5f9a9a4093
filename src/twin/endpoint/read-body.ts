/** Reads a request's body whole, within a bound, and undoes gzip. */

import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** DynamoDB takes up to 16 MB in one request; SQS and SNS far less. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;

export type ReadBody =
  | { readonly kind: 'body'; readonly body: Buffer }
  /** Longer than the bound, before or after decompression. */
  | { readonly kind: 'too-large' }
  /** Encoded in a way that is not gzip, or broken gzip. */
  | { readonly kind: 'unreadable'; readonly encoding: string }
  /** The client went away before the end. */
  | { readonly kind: 'cut-off' };

const decompress = promisify(gunzip);

/**
 * Reads the body of `request`. Never rejects.
 *
 * SDKs gzip large bodies when request compression is on (`Content-Encoding: gzip`).
 */
export async function readBody(
  request: IncomingMessage,
  bytesMax = BODY_BYTES_MAX,
): Promise<ReadBody> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') return { kind: 'unreadable', encoding };
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return { kind: 'too-large' };

  const read = await readAll(request, bytesMax);
  if (read.kind !== 'body' || encoding === 'identity') return read;
  try {
    return { kind: 'body', body: await decompress(read.body, { maxOutputLength: bytesMax }) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    return code === 'ERR_BUFFER_TOO_LARGE'
      ? { kind: 'too-large' }
      : { kind: 'unreadable', encoding };
  }
}

// Listeners rather than an async iterator: this is on the path of every DynamoDB call.
function readAll(request: IncomingMessage, bytesMax: number): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) resolve({ kind: 'too-large' });
      else chunks.push(chunk);
    });
    request.on('end', () => {
      const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes);
      resolve({ kind: 'body', body });
    });
    request.on('error', () => resolve({ kind: 'cut-off' }));
    request.on('close', () => resolve({ kind: 'cut-off' }));
  });
}
