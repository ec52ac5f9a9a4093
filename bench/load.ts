/** Drives payments through one address over a fixed number of connections, each busy all the time. */

import { Pool } from 'undici';

export interface LoadResult {
  readonly payments: number;
  /** Answers other than the wanted one. */
  readonly failures: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

let run = 0;

/** Sends until `until` says stop. Every payment has an id of its own. */
export async function drive(options: {
  readonly url: string;
  /** @default '/process', answered 200 */
  readonly path?: '/process' | '/payments';
  readonly connections: number;
  readonly until: (sent: number, elapsedMs: number) => boolean;
  readonly onProgress?: (sent: number) => void;
}): Promise<LoadResult> {
  const { url, path = '/process', connections, until, onProgress } = options;
  const wanted = path === '/payments' ? 202 : 200;
  run += 1;
  const pool = new Pool(url, { connections, pipelining: 1 });
  const latenciesMs: number[] = [];
  let sent = 0;
  let failures = 0;
  const startedAt = performance.now();
  const worker = async (): Promise<void> => {
    while (!until(sent, performance.now() - startedAt)) {
      sent += 1;
      const body = JSON.stringify({
        transaction_id: `bench-${process.pid}-${run}-${sent}`,
        customer_id: `cust-${sent % 1_000}`,
        amount: '10.50',
        currency: 'USD',
      });
      const sentAt = performance.now();
      const answer = await pool.request({
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      await answer.body.dump();
      latenciesMs.push(performance.now() - sentAt);
      if (answer.statusCode !== wanted) failures += 1;
      onProgress?.(sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - startedAt) / 1_000;
  await pool.close();
  return { payments: sent, failures, seconds, latenciesMs };
}
