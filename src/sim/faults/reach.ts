/**
 * Which fault can meet which phase of the protocol, by the mechanisms of the network, the services and the
 * injector: the claim that a run's coverage is held against.
 */

import { type FaultId, PHASES, type Phase, STAGES, type Stage } from './fault-ids.ts';

export interface Reach {
  readonly phases: readonly Phase[];
  /** Why it meets no other phase, but for those in `except`. */
  readonly otherwise: string;
  readonly except?: Readonly<Partial<Record<Phase, string>>>;
  /** In which stages nothing can be met, and why; left out: in all of them something can. */
  readonly noStage?: Readonly<Partial<Record<Stage, string>>>;
}

const NO_MESSAGE = 'a resolver asks nobody over the network';
const OWN_QUEUE = 'the queue is in the Region itself';
const UNPARKS_ONLY = 'it could meet unparking alone, and nothing is parked before the heal';
const NO_OPERATOR = 'operators are nobody’s process';
const NO_REPLICATOR = 'replication is nobody’s process';

/** Reads and writes of the two global tables. */
const TABLE_WRITES = [
  ...(['accept', 'record', 'finish', 'refund-accept', 'sweep', 'lease', 'route'] as const),
] as const;
const TABLES = [...TABLE_WRITES, 'read', 'observe', 'health'] as const;
const BANK = ['charge', 'refund-settle'] as const;
/** What a Region's processes do. */
const PROCESSES = [...TABLES, ...BANK, 'request', 'queue'] as const;

/** A fault that makes its Region a hurt one is in force in these stages only. */
const WHILE_HURT = {
  steady: 'while it is in force a Region is hurt',
  healed: 'while it is in force a Region is hurt',
} as const;

const CUT_OFF: Reach = {
  phases: [...TABLES, ...BANK, 'request', 'answer', 'operate', 'replicate'],
  otherwise: OWN_QUEUE,
  except: { dns: NO_MESSAGE },
  noStage: WHILE_HURT,
};
const MESSAGES: Reach = {
  phases: PHASES.filter((phase) => phase !== 'dns'),
  otherwise: NO_MESSAGE,
};
const QUEUE_ONLY: Reach = { phases: ['queue'], otherwise: 'it is the queue’s' };

/** By fault. */
export const REACH: Readonly<Record<FaultId, Reach>> = {
  F1: CUT_OFF,
  F2: CUT_OFF,
  F3: {
    phases: TABLES,
    otherwise: 'only a quorum asks the witness',
    except: { operate: UNPARKS_ONLY },
    noStage: {
      steady: 'the witness is missed only where the other Region is too, which is hurt then',
      healed: 'the witness is missed only where the other Region is too, which is hurt then',
    },
  },
  F4: {
    phases: ['request', 'answer', 'read', 'operate'],
    otherwise: 'only clients are cut off, and operators, who sit where they do',
    noStage: WHILE_HURT,
  },
  F5: MESSAGES,
  F6: MESSAGES,
  F7: {
    phases: [
      ...[...TABLE_WRITES, ...BANK],
      ...(['request', 'read', 'queue', 'observe', 'operate', 'health'] as const),
    ],
    otherwise: 'a second copy of an answer changes nothing',
    except: { replicate: 'the last writer wins: a second copy changes nothing', dns: NO_MESSAGE },
  },
  F8: {
    phases: [...TABLE_WRITES, ...BANK, 'read', 'observe', 'request'],
    otherwise: 'only what the Region computes and stores is slow',
    except: {
      health: 'the health check of a grey Region is green',
      operate: UNPARKS_ONLY,
    },
    noStage: WHILE_HURT,
  },
  F9: {
    phases: [...PROCESSES, 'answer'],
    otherwise: NO_OPERATOR,
    except: { dns: 'resolvers are clients’', replicate: NO_REPLICATOR },
  },
  F10: {
    phases: PROCESSES,
    otherwise: NO_OPERATOR,
    except: {
      answer: 'what a paused process waits for is held up, and its answer comes after it',
      dns: 'resolvers are clients’',
      replicate: NO_REPLICATOR,
    },
  },
  F11: {
    phases: [...PROCESSES, 'answer'],
    otherwise: NO_OPERATOR,
    except: { dns: 'resolvers are clients’', replicate: NO_REPLICATOR },
  },
  F12: {
    phases: [...TABLES, 'replicate'],
    otherwise: 'only replicas of the tables are slow',
    except: { operate: UNPARKS_ONLY },
  },
  F13: {
    phases: [...TABLE_WRITES, ...BANK, 'observe', 'queue'],
    otherwise: 'nothing is written',
    except: {
      replicate: 'what replication sends needs no answer',
      operate: UNPARKS_ONLY,
    },
  },
  F14: {
    phases: TABLE_WRITES,
    otherwise: 'no item is written that the other Region writes too',
    except: { operate: UNPARKS_ONLY },
  },
  F15: {
    phases: [...TABLES, 'queue'],
    otherwise: 'it is nothing that AWS throttles here',
    except: { operate: UNPARKS_ONLY },
  },
  F16: QUEUE_ONLY,
  F17: QUEUE_ONLY,
  F18: QUEUE_ONLY,
  F19: { phases: ['dns'], otherwise: 'only resolvers keep answers' },
  F20: {
    phases: ['operate'],
    otherwise: 'nothing that production does needs the control plane',
    noStage: {
      steady: 'nobody reaches for a record while no Region is hurt',
      healed: 'nobody reaches for a record while no Region is hurt',
    },
  },
  F21: { phases: ['health'], otherwise: 'it is the checkers’ alone' },
  F22: {
    phases: ['accept', 'finish', 'refund-accept', 'sweep', 'observe', 'route'],
    otherwise: 'nothing of what is sent comes from the wall clock of a Region',
  },
  F23: { phases: ['operate'], otherwise: 'people use the operator’s verbs alone' },
  F24: {
    phases: ['operate'],
    otherwise: 'people use the operator’s verbs alone',
    noStage: { steady: 'the log has moved since the plan was made, and traffic with it' },
  },
  F25: {
    phases: ['operate', 'replicate'],
    otherwise: 'a failback reads and writes the log as any other move does',
  },
  F26: {
    phases: ['request'],
    otherwise: 'a storm is of requests; what they set off is counted with the other faults',
  },
};

/** `reachable`, or in one clause why `fault` can't meet an operation of `phase`. */
export function reachOfPhase(fault: FaultId, phase: Phase): string {
  const { phases, otherwise, except } = REACH[fault];
  return phases.includes(phase) ? REACHABLE : (except?.[phase] ?? otherwise);
}

/** `reachable`, or in one clause why `fault` can't meet anything in `stage`. */
export function reachOfStage(fault: FaultId, stage: Stage): string {
  return REACH[fault].noStage?.[stage] ?? REACHABLE;
}

export const REACHABLE = 'reachable';

/** Phases or stages that `fault` can't meet, by the reason: in the order in which the reasons first come up. */
export function reasonsOf(fault: FaultId): ReadonlyMap<string, readonly (Phase | Stage)[]> {
  const reasons = new Map<string, (Phase | Stage)[]>();
  const file = (what: Phase | Stage, reason: string): void => {
    if (reason === REACHABLE) return;
    const filed = reasons.get(reason);
    if (filed === undefined) reasons.set(reason, [what]);
    else filed.push(what);
  };
  for (const phase of PHASES) file(phase, reachOfPhase(fault, phase));
  for (const stage of STAGES) file(stage, reachOfStage(fault, stage));
  return reasons;
}
