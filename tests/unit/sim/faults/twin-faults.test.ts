import { expect, it } from 'vitest';
import type { Fault } from '#sim/faults/fault-spec.ts';
import { twinFaultsOf } from '#sim/faults/twin-faults.ts';
import { checkFaultRequest } from '#twin/faults/check-fault-request.ts';

const region = 'us-east-1';
const PLACES = {
  regions: ['us-east-1', 'us-east-2'],
  witness: 'us-west-2',
  laggingRegions: [],
} as const;

it.each<[Fault, readonly string[]]>([
  [{ id: 'F1', region }, ['isolate']],
  [{ id: 'F2', region, direction: 'out' }, ['partition']],
  [{ id: 'F3', region }, ['partition', 'partition']],
  [{ id: 'F8', region, factor: 100 }, ['latency', 'latency']],
  [{ id: 'F12', region, extraMs: 60 }, ['latency']],
  [{ id: 'F15', region, probability: 0.9 }, ['throttle', 'throttle', 'throttle']],
  [{ id: 'F19' }, ['stale-dns']],
])('$id is what the twin takes', (fault, kinds) => {
  const requests = twinFaultsOf(fault) ?? [];
  expect(requests.map(({ kind }) => kind)).toEqual(kinds);
  for (const request of requests) expect(() => checkFaultRequest(request, PLACES)).not.toThrow();
});

it('cuts the witness off both ways', () => {
  expect(twinFaultsOf({ id: 'F3', region })).toEqual([
    { region, kind: 'partition', direction: 'in', peer: 'us-west-2' },
    { region, kind: 'partition', direction: 'out', peer: 'us-west-2' },
  ]);
});

it('leaves reads quick in a grey Region, whose health check stays green', () => {
  const requests = twinFaultsOf({ id: 'F8', region, factor: 100 }) ?? [];
  expect(requests.map(({ operation }) => operation)).toEqual(['PutItem', 'UpdateItem']);
});

it.each<Fault>([
  { id: 'F4', region },
  { id: 'F9', region, process: 'api', probability: 0.1 },
  { id: 'F13', region, probability: 0.3 },
  { id: 'F22', region, skewMs: 1 },
  { id: 'F26', copies: 2 },
])('has nothing in the twin for $id', (fault) => {
  expect(twinFaultsOf(fault)).toBeNull();
});
