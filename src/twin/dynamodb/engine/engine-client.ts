/** Calls to an engine's HTTP port over kept-alive connections. */

import { type Dispatcher, Pool } from 'undici';
import { type EngineAnswer, EngineFailure } from './storage-engine.ts';

export interface EngineClient {
  /** Rejects with `EngineFailure` when no whole answer came; the outcome is then unknown. */
  call(operation: string, body: string): Promise<EngineAnswer>;
  close(): Promise<void>;
}

/** More only queue up inside the engine: it runs one write at a time. */
const CONNECTIONS = 16;
/** The engines want to see a signature but check none. */
const UNCHECKED_AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=twin/20200101/us-east-1/dynamodb/aws4_request, ' +
  'SignedHeaders=host;x-amz-date;x-amz-target, Signature=0';

/** `timeoutMs`: how long an engine may take for one operation before it counts as hung. */
export function createEngineClient(port: number, timeoutMs: number): EngineClient {
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections: CONNECTIONS,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connectTimeout: timeoutMs,
    keepAliveTimeout: 600_000,
  });
  const headersOf = new Map<string, string[]>();

  function headersFor(operation: string): string[] {
    let headers = headersOf.get(operation);
    if (headers === undefined) {
      headers = [
        'content-type',
        'application/x-amz-json-1.0',
        'x-amz-target',
        `DynamoDB_20120810.${operation}`,
        'x-amz-date',
        '20200101T000000Z',
        'authorization',
        UNCHECKED_AUTHORIZATION,
      ];
      headersOf.set(operation, headers);
    }
    return headers;
  }

  return {
    call: (operation, body) =>
      new Promise((resolve, reject) => {
        pool.dispatch(
          { path: '/', method: 'POST', headers: headersFor(operation), body },
          collectAnswer(operation, resolve, reject),
        );
      }),
    close: () => pool.destroy(),
  };
}

/** The callback interface costs half of what undici's promise and stream interface costs a call. */
function collectAnswer(
  operation: string,
  resolve: (answer: EngineAnswer) => void,
  reject: (failure: EngineFailure) => void,
): Dispatcher.DispatchHandler {
  let status = 0;
  let only: Buffer | null = null;
  let chunks: Buffer[] | null = null;
  return {
    onRequestStart() {},
    onResponseStart(_controller, statusCode) {
      status = statusCode;
    },
    onResponseData(_controller, chunk) {
      if (only === null) only = chunk;
      else if (chunks === null) chunks = [only, chunk];
      else chunks.push(chunk);
    },
    onResponseEnd() {
      const body = chunks === null ? (only ?? Buffer.alloc(0)) : Buffer.concat(chunks);
      resolve({ status, body });
    },
    onResponseError(_controller, error) {
      reject(
        new EngineFailure(
          `The storage engine gave no answer to ${operation}: ${error.message}`,
          'unknown',
          error,
        ),
      );
    },
  };
}
