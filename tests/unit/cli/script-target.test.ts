import { describe, expect, it } from 'vitest';
import { faultStarter, scriptRequest } from '#cli/script-target.ts';
import type { TwinClient } from '#cli/twin-client.ts';
import type { FaultScript } from '#sim/faults/fault-script.ts';
import type { PlannedFault } from '#sim/faults/fault-spec.ts';
import { twinStatus } from '../twin/control/twin-status-fixture.ts';

const TIMES = { atMs: 1_000, forMs: 4_000 };
const script = (...faults: readonly PlannedFault[]): FaultScript => ({
  ...{ name: 'one', about: 'One.', consistency: 'strong', payments: 20, faults },
  expect: { moved: false, lost: 0, duplicated: 0, back: true },
});

describe('scriptRequest', () => {
  it('keeps the times of the script, and lets payments flow beyond the last fault', () => {
    const request = scriptRequest(script({ id: 'F1', region: 'us-east-1', ...TIMES }));
    expect(request.payments).toBe(20);
    expect(request.spreadMs).toBeGreaterThan(5_000);
    expect(request.faults).toEqual([
      {
        title: 'F1 Region isolated, us-east-1',
        requests: [{ region: 'us-east-1', kind: 'isolate' }],
        ...TIMES,
      },
    ]);
  });

  it('rejects faults that the twin has not, all at once', () => {
    const faults = [
      { id: 'F20', ...TIMES } as const,
      { id: 'F7', probability: 1, ...TIMES } as const,
    ];
    expect(() => scriptRequest(script(...faults))).toThrow(
      'no such fault as F20 control plane down; F7 messages duplicated',
    );
  });

  it('rejects a fault that is never healed', () => {
    const fault = { id: 'F1', region: 'us-east-1', atMs: 1, forMs: null } as const;
    expect(() => scriptRequest(script(fault))).toThrow('has forMs null');
  });
});

describe('faultStarter', () => {
  it('ends each fault by its id, and one that stands for two with the last of them', async () => {
    const healed: (string | undefined)[] = [];
    const client: TwinClient = {
      status: async () => twinStatus(),
      inject: async (request) => ({ ...request, id: request.kind, sinceEpochMs: 0 }),
      heal: async (_region, id) => {
        healed.push(id);
        return { healed: [], restarted: [] };
      },
    };
    const begin = faultStarter(client);
    const first = await begin({ region: 'us-east-1', kind: 'isolate' });
    const second = await begin({ region: 'us-east-1', kind: 'isolate' });
    const other = await begin({ region: 'us-east-1', kind: 'throttle' });
    await first();
    expect(healed).toEqual([]);
    await other();
    await second();
    expect(healed).toEqual(['throttle', 'isolate']);
  });
});
