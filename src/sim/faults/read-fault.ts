/** Reads one fault of a fault script. */

import { FAULT_IDS, type FaultId } from './fault-ids.ts';
import { FaultScriptError, Members } from './fault-script-members.ts';
import { type Fault, type PlannedFault, PROCESS_KINDS, REGIONS } from './fault-spec.ts';

/** Beyond it, a script tests patience. */
const AT_MS_MAX = 300_000;
const FOR_MS_MAX = 300_000;
const EXTRA_MS_MAX = 30_000;
const FACTOR = { min: 2, max: 1_000 };
const COUNT_MAX = 100;
const COPIES = { min: 2, max: 10 };
/** A day. */
const SKEW_MS_MAX = 86_400_000;

type Member = Exclude<Fault extends infer F ? (F extends Fault ? keyof F : never) : never, 'id'>;

/** What each kind takes besides `id`, `atMs` and `forMs`. */
const MEMBERS_OF: Readonly<Record<FaultId, readonly Member[]>> = {
  F1: ['region'],
  F2: ['region', 'direction'],
  F3: ['region'],
  F4: ['region'],
  F5: ['probability'],
  F6: ['probability', 'extraMs'],
  F7: ['probability'],
  F8: ['region', 'factor'],
  F9: ['region', 'process', 'probability'],
  F10: ['region', 'process'],
  F11: ['region', 'process'],
  F12: ['region', 'extraMs'],
  F13: ['region', 'probability'],
  F14: ['probability'],
  F15: ['region', 'probability'],
  F16: ['probability'],
  F17: ['probability'],
  F18: ['region', 'count'],
  F19: [],
  F20: [],
  F21: ['region', 'probability'],
  F22: ['region', 'skewMs'],
  F23: ['to'],
  F24: ['lateMs'],
  F25: ['pauseReplication'],
  F26: ['copies'],
};

/** `place`: what to call it in a complaint. Throws `FaultScriptError`. Pure. */
export function readFault(value: unknown, place: string): PlannedFault {
  const id = idOf(value, place);
  const members = new Members(value, `${place} (${id})`, [
    ...['id', 'atMs', 'forMs'],
    ...MEMBERS_OF[id],
  ]);
  const times = {
    atMs: members.whole('atMs', 0, AT_MS_MAX),
    forMs: members.wholeOrNull('forMs', 1, FOR_MS_MAX),
  };
  return { ...kindOf(id, members), ...times };
}

function idOf(value: unknown, place: string): FaultId {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  const known = FAULT_IDS.find((one) => one === id);
  if (known !== undefined) return known;
  const shown = id === undefined ? 'missing' : JSON.stringify(id);
  throw new FaultScriptError(`${place}.id is ${shown}: use one of ${FAULT_IDS.join(', ')}.`);
}

function kindOf(id: FaultId, members: Members): Fault {
  switch (id) {
    case 'F1':
    case 'F3':
    case 'F4':
      return { id, region: members.choice('region', REGIONS) };
    case 'F2': {
      const direction = members.choice('direction', ['in', 'out']);
      return { id, region: members.choice('region', REGIONS), direction };
    }
    case 'F5':
    case 'F7':
    case 'F14':
    case 'F16':
    case 'F17':
      return { id, probability: members.share('probability') };
    case 'F6': {
      const extraMs = members.whole('extraMs', 1, EXTRA_MS_MAX);
      return { id, probability: members.share('probability'), extraMs };
    }
    case 'F18':
      return { id, ...readRegion(members), count: members.whole('count', 1, COUNT_MAX) };
    case 'F19':
    case 'F20':
      return { id };
    case 'F23':
      return { id, to: readPair(members) };
    case 'F24':
      return { id, lateMs: members.whole('lateMs', 1, FOR_MS_MAX) };
    case 'F25':
      return { id, pauseReplication: members.flag('pauseReplication') };
    case 'F26':
      return { id, copies: members.whole('copies', COPIES.min, COPIES.max) };
    default:
      return inRegion(id, members);
  }
}

type RegionalId = 'F8' | 'F9' | 'F10' | 'F11' | 'F12' | 'F13' | 'F15' | 'F21' | 'F22';

function inRegion(id: RegionalId, members: Members): Fault {
  const { region } = readRegion(members);
  switch (id) {
    case 'F8':
      return { id, region, factor: members.whole('factor', FACTOR.min, FACTOR.max) };
    case 'F9': {
      const probability = members.share('probability');
      return { id, region, process: members.choice('process', PROCESS_KINDS), probability };
    }
    case 'F10':
    case 'F11':
      return { id, region, process: members.choice('process', PROCESS_KINDS) };
    case 'F12':
      return { id, region, extraMs: members.whole('extraMs', 1, EXTRA_MS_MAX) };
    case 'F13':
    case 'F15':
    case 'F21':
      return { id, region, probability: members.share('probability') };
    case 'F22':
      return { id, region, skewMs: members.whole('skewMs', -SKEW_MS_MAX, SKEW_MS_MAX) };
  }
}

function readRegion(members: Members): { readonly region: (typeof REGIONS)[number] } {
  return { region: members.choice('region', REGIONS) };
}

function readPair(members: Members): readonly [(typeof REGIONS)[number], (typeof REGIONS)[number]] {
  const [one, two, ...more] = members.list('to');
  const first = REGIONS.find((region) => region === one);
  const second = REGIONS.find((region) => region === two);
  if (first !== undefined && second !== undefined && more.length === 0) return [first, second];
  const shown = JSON.stringify(members.value('to'));
  throw new FaultScriptError(`to is ${shown}: use a list of two of ${REGIONS.join(', ')}.`);
}
