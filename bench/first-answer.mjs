/** A process that loads one bundle, invokes it once and ends: its whole life is what is measured. */

import { randomUUID } from 'node:crypto';
import { argv, exit, stderr } from 'node:process';

const { handler } = await import(argv[2]);
const answer = await handler(
  {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      transaction_id: `cold-${randomUUID()}`,
      customer_id: 'cust-1',
      amount: '10.50',
      currency: 'USD',
    }),
    requestContext: { requestId: 'bench' },
  },
  { getRemainingTimeInMillis: () => 15_000 },
);
if (answer.statusCode !== 200) stderr.write(`${JSON.stringify(answer)}\n`);
// Keep-alive connections would hold the process; its work is done.
exit(answer.statusCode === 200 ? 0 : 1);
