/** A request from somewhere to a Region's API, over the network. */

import type { Phase } from '../faults/fault-ids.ts';
import type { Place, RegionName } from '../faults/fault-spec.ts';
import type { ApiRequest, HttpResult } from '../http.ts';
import type { System } from '../system.ts';

const TIMEOUT: HttpResult = { kind: 'no-answer', because: 'timeout' };

/** Sends it; `done` is called once, in an event of its own, after `timeoutMs` at the latest. */
export function callApi(
  system: System,
  call: {
    readonly from: Place;
    readonly region: RegionName;
    readonly request: ApiRequest;
    readonly timeoutMs: number;
    /** Of the request; its answer is of the phase `answer` where the request is of `request`. */
    readonly phase: Phase;
  },
  done: (result: HttpResult) => void,
): void {
  const { world, network } = system;
  const { from, region, request, phase } = call;
  const { route, transactionId } = request;
  const backPhase = phase === 'request' ? 'answer' : phase;
  let isOver = false;
  const timer = world.after(call.timeoutMs, () => end(TIMEOUT));
  const end = (result: HttpResult): void => {
    if (isOver) return;
    isOver = true;
    timer.run = null;
    done(result);
  };
  const arrive = (): boolean => {
    system.regions[region].receive(request, (response) => {
      const backMs = network.transit(region, from, backPhase, null);
      world.note(
        region,
        from,
        route,
        transactionId,
        backMs < 0 ? 'answer lost' : String(response.status),
      );
      if (backMs >= 0) world.after(backMs, () => end({ kind: 'answered', response }));
    });
    return true;
  };
  const thereMs = network.transit(from, region, phase, arrive);
  world.note(from, region, route, transactionId, thereMs < 0 ? 'lost' : '');
  if (thereMs >= 0) world.after(thereMs, arrive);
}
