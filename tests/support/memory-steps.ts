/** A way to break any step of the in-memory ports, and to let the process die in it. */

import { AppError } from '#core/app-error.ts';

/** The steps that change nothing: what is not heard of one of them is simply not known. */
const READS = ['read-journals', 'list-due', 'measure', 'find-charge', 'find-refund'] as const;
export const EFFECTS = [
  'create',
  'charge',
  'record',
  'publish',
  'settle',
  'close',
  'refund',
  'replace-refunds',
  'claim',
  'park',
  'unpark',
  'enqueue',
] as const;
export type Step = (typeof READS)[number] | (typeof EFFECTS)[number];

export type StepFate =
  | 'works'
  /** Certainly without effect. */
  | 'refused'
  /** No answer, and no effect or one. */
  | 'lost-before'
  | 'lost-after'
  /** No answer now; the effect comes when `arrive` is called. */
  | 'late'
  /** The answer is lost, and the adapter's own second try is answered. */
  | 'repeated'
  /** The process dies: this step and every later one never answers. */
  | 'crash-before'
  | 'crash-after';

export type FateOf = (step: Step) => StepFate;

export interface Steps {
  run<T>(name: Step, effect: () => T): Promise<T>;
  /** Settles when the process dies. */
  readonly crashed: Promise<'crashed'>;
  /** Lets what was `late` take effect. */
  arrive(): void;
}

/** `pauseAt` is awaited before each step and before its answer: there, others can come in between. */
export function createSteps(
  fateOf: FateOf,
  pauseAt: (step: Step) => Promise<unknown> = () => Promise.resolve(),
): Steps {
  let isDead = false;
  let announce: (value: 'crashed') => void = () => {};
  const crashed = new Promise<'crashed'>((resolve) => {
    announce = resolve;
  });
  const underWay: (() => unknown)[] = [];
  const die = (): Promise<never> => {
    isDead = true;
    announce('crashed');
    return new Promise<never>(() => {});
  };
  return {
    crashed,
    arrive() {
      for (const effect of underWay.splice(0)) effect();
    },
    async run(name, effect) {
      await pauseAt(name);
      if (isDead) return die();
      const fate = fateOf(name);
      const isRead = READS.some((read) => read === name);
      if (fate === 'refused') throw new AppError('unavailable', `${name} refused`);
      if (fate === 'crash-before') return die();
      if (fate === 'late') underWay.push(effect);
      if (fate === 'late' || fate === 'lost-before') throw lost(name, isRead);
      if (fate === 'repeated') effect();
      const result = effect();
      if (fate === 'crash-after') return die();
      await pauseAt(name);
      if (isDead) return die();
      if (fate === 'lost-after') throw lost(name, isRead);
      return result;
    },
  };
}

function lost(name: Step, isRead: boolean): AppError {
  return new AppError(isRead ? 'unavailable' : 'outcome_unknown', `${name}: answer lost`);
}

/** Breaks one step the first time it is reached. */
export function breakOnce(step: Step, fate: StepFate): FateOf {
  let broken = false;
  return (name) => {
    if (broken || name !== step) return 'works';
    broken = true;
    return fate;
  };
}

/** Breaks the step of this number, counted from 0, whichever it is; reading the index is none. */
export function breakNth(index: number, fate: StepFate): FateOf {
  let count = -1;
  return (name) => {
    if (name === 'list-due') return 'works';
    count += 1;
    return count === index ? fate : 'works';
  };
}
