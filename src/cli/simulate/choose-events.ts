/** Which of a run's thousands of events a person wants to see. Pure. */

import type { TraceEvent } from '#sim/kernel/trace.ts';
import type { SimResult } from '#sim/sim-result.ts';

export interface ChartChoice {
  /** One transaction alone, with what is worth a line of everything else. */
  readonly about: string | null;
  /** Everything. */
  readonly all: boolean;
}

/** Seen with what came just before and after: there the story turns. */
const TURNS: ReadonlySet<string> = new Set(['violation', 'fault', 'heal', 'append']);
/** Seen by themselves. */
const NOTABLE: ReadonlySet<string> = new Set([
  ...['crash', 'restart', 'pause', 'resume', 'alarm', 'failover', 'failback', 'drain', 'undrain'],
]);
const NEIGHBOURS = 2;
/** Of one kind at one place: a restart loop is as loud as it is dull. */
const NOTABLE_MAX = 3;

/** The indexes of the chosen events, ascending. */
export function chooseEvents(
  { trace, violations }: Pick<SimResult, 'trace' | 'violations'>,
  { about, all }: ChartChoice,
): readonly number[] {
  if (all && about === null) return trace.map((_event, index) => index);
  const ids =
    about === null ? transactionsIn(trace).filter((id) => violations.some(names(id))) : [about];
  const chosen = new Set<number>();
  const notable = new Map<string, number>();
  for (const [index, event] of trace.entries()) {
    if (ids.some((id) => isAbout(event, id))) chosen.add(index);
    if (TURNS.has(event.what)) {
      chosen.add(index);
      if (about === null) addNeighbours(chosen, index, trace.length);
    } else if (NOTABLE.has(event.what)) {
      const kind = `${event.what} ${event.about}`;
      const seen = notable.get(kind) ?? 0;
      notable.set(kind, seen + 1);
      if (seen < NOTABLE_MAX) chosen.add(index);
    }
  }
  return [...chosen].toSorted((one, two) => one - two);
}

/** Whether an event belongs to a transaction: its id, as it is or in a bank's key, alone or with more after it. */
export function isAbout({ about }: Pick<TraceEvent, 'about'>, id: string): boolean {
  return begins(about, id) || begins(about, encodeURIComponent(id));
}

/** Every transaction that a client asked about, in the order in which they did. */
export function transactionsIn(trace: readonly TraceEvent[]): readonly string[] {
  const ids = new Set<string>();
  for (const { from, about } of trace) if (from === 'client' && about !== '') ids.add(about);
  return [...ids];
}

function addNeighbours(chosen: Set<number>, index: number, length: number): void {
  const last = Math.min(length - 1, index + NEIGHBOURS);
  for (let at = Math.max(0, index - NEIGHBOURS); at <= last; at += 1) chosen.add(at);
}

/** Whether a message names `id`, and not merely one that begins with it. */
function names(id: string): (violation: { readonly message: string }) => boolean {
  return ({ message }) => {
    for (let at = message.indexOf(id); at >= 0; at = message.indexOf(id, at + 1)) {
      if (!isWord(message[at - 1]) && !isWord(message[at + id.length])) return true;
    }
    return false;
  };
}

function begins(text: string, id: string): boolean {
  return text.startsWith(id) && !isWord(text[id.length]);
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
