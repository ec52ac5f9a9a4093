import { describe, expect, it } from 'vitest';
import { type CallEnd, paymentCall } from '#sim/clients/client-call.ts';
import { DnsClient } from '#sim/clients/dns-client.ts';
import { createFakeSystem, MEANING, respond, soon } from './fake-system.ts';

const CALL = paymentCall('process', MEANING, '{}');

describe('a client that follows DNS', () => {
  it('resolves anew for each try, and so follows the traffic', async () => {
    const { parts, arrivals, run } = createFakeSystem({
      script: (region) => soon(respond(region === 'us-east-1' ? 502 : 200)),
      dns: (nowMs) => (nowMs < 20_000 ? 'us-east-1' : 'us-east-2'),
    });
    const ends: CallEnd[] = [];
    new DnsClient(parts, 'dns-1').call(CALL, (end) => ends.push(end));
    await run();
    const regions = arrivals.map(({ region }) => region);
    expect(regions.at(-1)).toBe('us-east-2');
    expect(regions.slice(0, -1)).toEqual(regions.slice(0, -1).fill('us-east-1'));
    expect(ends[0]?.operation.final?.response.status).toBe(200);
    expect(ends[0]?.mayHaveTakenEffect).toBe(true);
  });

  it('waits longer each time, and gives up after ten tries', async () => {
    const { parts, run } = createFakeSystem({ script: () => null });
    const ends: CallEnd[] = [];
    new DnsClient(parts, 'dns-1').call(CALL, (end) => ends.push(end));
    await run();
    const { operation } = ends[0] as CallEnd;
    expect(operation.final).toBeNull();
    expect(operation.silent).toHaveLength(10);
    const waits = operation.silent
      .slice(1)
      .map(({ sentAtMs }, index) => sentAtMs - (operation.silent[index]?.sentAtMs ?? 0) - 10_000);
    const most = [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000];
    for (const [index, waitMs] of waits.entries()) {
      expect(waitMs).toBeGreaterThanOrEqual((most[index] ?? 0) / 2);
      expect(waitMs).toBeLessThanOrEqual(most[index] ?? 0);
    }
  });

  it('takes a decline for an answer', async () => {
    const { parts, arrivals, run } = createFakeSystem({
      script: () => soon(respond(402, 'payment_declined')),
    });
    new DnsClient(parts, 'dns-1').call(CALL, () => undefined);
    await run();
    expect(arrivals).toHaveLength(1);
  });
});
