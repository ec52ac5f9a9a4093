/** What a Region says of itself at its two health addresses. */

import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RoutingEntry } from '#core/routing/routing-log.ts';

const world = vi.hoisted(() => ({
  table: null as Error | null,
  strong: null as RoutingEntry | null | Error,
  here: null as RoutingEntry | null | Error,
}));
vi.mock('#adapters/dynamo-health-probe.ts', () => ({
  createDynamoHealthProbe: () => ({
    async probe() {
      if (world.table !== null) throw world.table;
    },
  }),
}));
vi.mock('#adapters/dynamo-routing-log.ts', () => {
  const answer = (which: 'strong' | 'here') => async () => {
    const said = world[which];
    if (said instanceof Error) throw said;
    return said;
  };
  return {
    createDynamoRoutingLog: () => ({ newest: answer('strong'), newestHere: answer('here') }),
  };
});
vi.mock('#adapters/telemetry.ts', () => ({
  createTelemetry: () => ({
    ...{ metric: () => undefined, metrics: () => undefined, log: () => undefined },
  }),
}));

/** Of the process that is started: a process knows the errors that it made. */
let unavailable: Error;
const elsewhere: RoutingEntry = {
  ...{ epoch: 1, entryId: 'e1', atEpochMs: 0, actor: 'ann', change: 'failover', reason: 'a drill' },
  ...{ mode: 'auto', active: ['us-east-2'], drained: [], evidence: '{}', previousHash: '' },
  moved: null,
};

/** A new process; the function's caches are its own. */
async function start(consistency: string) {
  vi.resetModules();
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('REGIONS', 'us-east-1,us-east-2');
  vi.stubEnv('ROUTING_POLICY', 'active-passive');
  vi.stubEnv('PAYMENTS_TABLE', 'payments-dev');
  vi.stubEnv('PAYMENTS_CONTROL_TABLE', 'payments-control-dev');
  vi.stubEnv('PAYMENTS_CONSISTENCY', consistency);
  const { handler } = await import('#handlers/health.ts');
  const { AppError } = await import('#core/app-error.ts');
  unavailable = new AppError('unavailable', 'no table');
  const ask = (resource: string) => async () => {
    vi.setSystemTime(Date.now() + 1_000);
    const { statusCode, body } = await handler({ resource, requestContext: { requestId: 'r' } });
    return [statusCode, (JSON.parse(body) as { readonly code?: string }).code ?? 'ok'];
  };
  return { health: ask('/health'), traffic: ask('/health/traffic') };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: 1_700_000_000_000 });
  world.table = null;
  world.strong = null;
  world.here = null;
});

const OK = [200, 'ok'];
const ELSEWHERE = [503, 'traffic_elsewhere'];

describe.each(['strong', 'eventual'])('with %s consistency', (consistency) => {
  it('takes traffic where the log sends it here, and not where it does not', async () => {
    const { health, traffic } = await start(consistency);
    expect(await traffic()).toEqual(OK);
    world.strong = elsewhere;
    expect(await traffic()).toEqual(ELSEWHERE);
    // Whether it can serve is another question.
    expect(await health()).toEqual(OK);
  });

  it('can not serve without its table, whatever the log says', async () => {
    const { health, traffic } = await start(consistency);
    world.table = unavailable;
    expect(await health()).toEqual([503, 'unavailable']);
    expect(await traffic()).toEqual([503, 'unavailable']);
  });

  it("follows its own replica's entry while the log can not be read strongly", async () => {
    const { traffic } = await start(consistency);
    world.strong = unavailable;
    world.here = elsewhere;
    expect(await traffic()).toEqual(ELSEWHERE);
  });
});

describe('without a strong read of the log for more than 8 s', () => {
  const blind = async (consistency: string) => {
    const { traffic, health } = await start(consistency);
    expect(await traffic()).toEqual(OK);
    world.strong = unavailable;
    vi.setSystemTime(Date.now() + 7_000);
    expect(await traffic()).toEqual(OK);
    return { traffic, health };
  };

  it('keeps its traffic where tables are strongly consistent', async () => {
    const { traffic } = await blind('strong');
    expect(await traffic()).toEqual(OK);
  });

  it('sends it elsewhere where they are not, until it can read again', async () => {
    const { traffic, health } = await blind('eventual');
    expect(await traffic()).toEqual(ELSEWHERE);
    expect(await health()).toEqual(OK);
    world.strong = null;
    expect(await traffic()).toEqual(OK);
  });
});

it.each(['PAYMENTS_CONSISTENCY', 'ROUTING_POLICY', 'REGIONS'])(
  'rejects to start without %s',
  async (name) => {
    await start('strong');
    vi.resetModules();
    vi.stubEnv(name, '');
    await expect(import('#handlers/health.ts')).rejects.toThrow(name);
  },
);
