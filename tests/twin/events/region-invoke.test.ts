/** Invocations that a real Region process is asked for by its supervisor. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RegionProcessConfig } from '#twin/region/protocol.ts';
import type { RegionProcess } from '#twin/region/region-process.ts';
import type { FunctionModel } from '#twin/region-model.ts';
import { createFixture, type Fixture } from '../region/region-fixture.ts';

const HANDLER = `
if (process.env.GREETING === 'broken') throw new Error('broken bundle');
export const handler = async (event, context) => {
  if (event.do === 'throw') throw new TypeError('thrown');
  if (event.do === 'hang') await new Promise(() => undefined);
  return { event, id: context.awsRequestId, pid: process.pid };
};`;

let fixture: Fixture;
afterEach(() => fixture.dispose());

/** A Region whose function no method of the API leads to. */
function withoutApi(functions: Partial<FunctionModel> = {}): RegionProcessConfig {
  fixture = createFixture({ work: HANDLER }, { functions });
  const { model } = fixture.config;
  return { ...fixture.config, model: { ...model, restApis: [] } };
}

function invoke(region: RegionProcess, event: object) {
  const [fn] = fixture.config.model.functions;
  return region.invoke(fn?.arn ?? '', JSON.stringify(event), 'request-1');
}

describe('invoke', () => {
  it('answers with the payload of a function that nothing else leads to', async () => {
    const region = await spawnWithoutApi();
    const outcome = await invoke(region, { n: 1 });
    expect(outcome.kind === 'answered' ? JSON.parse(outcome.payload) : outcome).toEqual({
      event: { n: 1 },
      id: 'request-1',
      pid: region.pid,
    });
  });

  it('tells errors and unknown functions apart', async () => {
    const region = await spawnWithoutApi();
    expect(await invoke(region, { do: 'throw' })).toMatchObject({
      kind: 'function-error',
      errorType: 'TypeError',
    });
    expect(await region.invoke('arn:other', '{}', 'r')).toMatchObject({
      kind: 'crashed',
      reason: 'no function arn:other runs in us-east-1',
    });
  });

  it('throttles what comes while as much runs as the function has reserved', async () => {
    const region = await spawnWithoutApi({ reservedConcurrency: 1, timeoutSeconds: 1 });
    const hanging = invoke(region, { do: 'hang' });
    expect(await invoke(region, {})).toEqual({ kind: 'throttled', reservedConcurrency: 1 });
    expect(await hanging).toMatchObject({ kind: 'timed-out' });
    expect(await invoke(region, {})).toMatchObject({ kind: 'answered' });
  });

  it('crashes when the process is killed meanwhile, and at once when it has ended', async () => {
    const region = await spawnWithoutApi();
    const pending = [invoke(region, { do: 'hang' }), invoke(region, { do: 'hang' })];
    await invoke(region, {});
    await region.kill();
    expect(await Promise.all(pending)).toMatchObject([{ kind: 'crashed' }, { kind: 'crashed' }]);
    expect(await invoke(region, {})).toMatchObject({ kind: 'crashed' });
  });

  it('waits for a frozen process until it is thawed', async () => {
    const region = await spawnWithoutApi();
    await invoke(region, {});
    region.freeze();
    const pending = invoke(region, { n: 2 });
    region.thaw();
    expect((await pending).kind).toBe('answered');
  });

  it('crashes when a frozen process is killed', async () => {
    const region = await spawnWithoutApi();
    region.freeze();
    const pending = invoke(region, {});
    await region.kill();
    expect(await pending).toMatchObject({ kind: 'crashed' });
  });
});

describe('a function that only events lead to', () => {
  it('is loaded at its first invocation: a broken one does not keep the Region from starting', async () => {
    const region = await spawnWithoutApi({ environment: { GREETING: 'broken' } });
    expect(await invoke(region, {})).toMatchObject({
      kind: 'crashed',
      reason: expect.stringContaining('broken bundle'),
    });
  });

  it('rejects the start when its bundle is missing', async () => {
    const config = withoutApi();
    rmSync(join(fixture.directory, 'code', 'work', 'index.mjs'));
    await expect(fixture.spawn(config)).rejects.toThrow(/Function work: no index\.js/);
  });
});

function spawnWithoutApi(functions?: Partial<FunctionModel>): Promise<RegionProcess> {
  const config = withoutApi(functions);
  return fixture.spawn(config);
}
