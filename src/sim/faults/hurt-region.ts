/** Which Region a fault hurts as a whole. */

import type { Fault, RegionName } from './fault-spec.ts';

/** Above these a Region serves too badly to be left with the traffic: shares, and milliseconds for each call. */
const SHARE_THAT_HURTS = 0.3;
const SLOWNESS_THAT_HURTS_MS = 400;

/**
 * The Region whose service a fault takes away or spoils, so that moving its traffic is right; null: none. What one
 * process other than the API goes through, or all Regions alike, hurts no Region; nor does the loss of the witness (F3),
 * as long as the other Region is there. Pure.
 */
export function hurtRegionOf(fault: Fault): RegionName | null {
  switch (fault.id) {
    case 'F1':
    case 'F2':
    case 'F4':
    case 'F8':
      return fault.region;
    case 'F10':
    case 'F11':
      return fault.process === 'api' || fault.process === 'health' ? fault.region : null;
    case 'F12':
      return fault.extraMs >= SLOWNESS_THAT_HURTS_MS ? fault.region : null;
    case 'F13':
    case 'F15':
      return fault.probability >= SHARE_THAT_HURTS ? fault.region : null;
    default:
      return null;
  }
}
