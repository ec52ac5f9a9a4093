/**
 * What happened: a hash over every event, always, and the events themselves when somebody wants to read them.
 *
 * Equal hashes mean equal runs. The hash is FNV-1a with 64 bits in two halves: good against chance, which is all
 * that it has to be good against.
 */

import { textHash } from './random.ts';

/** The columns of a sequence chart, in their order. */
export const LANES = [
  'client',
  'dns',
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'bank',
  'operator',
  'world',
] as const;
export type Lane = (typeof LANES)[number];

export interface TraceEvent {
  readonly atMs: number;
  readonly from: Lane;
  /** The same as `from`: something that happened there. */
  readonly to: Lane;
  /** What, in a word or two: `createJournal`, `crash`. */
  readonly what: string;
  /** Whom it is about: a transaction_id, a process; may be empty. */
  readonly about: string;
  /** How it went: `lost`, `applied`, `409`; may be empty. */
  readonly outcome: string;
}

export class Trace {
  #high = 0x6c62272e;
  #low = 0x07bb0142;
  #count = 0;
  readonly #kept: TraceEvent[] | null;

  /** `keep`: also keep the events, for people. It makes no difference to anything else. */
  constructor(keep: boolean) {
    this.#kept = keep ? [] : null;
  }

  get isKept(): boolean {
    return this.#kept !== null;
  }

  get events(): readonly TraceEvent[] {
    return this.#kept ?? [];
  }

  get count(): number {
    return this.#count;
  }

  /** 16 hex characters. */
  get hash(): string {
    return hex(this.#high) + hex(this.#low);
  }

  /** Notes an event. The texts should be short: each of their characters is hashed. */
  note(atMs: number, from: Lane, to: Lane, what: string, about: string, outcome: string): void {
    this.#count += 1;
    this.#mix(Math.imul(atMs, 1_000) | 0, textHash(what));
    this.#mix(textHash(about), textHash(outcome));
    this.#mix(from.length * 31 + from.charCodeAt(from.length - 1), to.charCodeAt(to.length - 1));
    if (this.#kept !== null) this.#kept.push({ atMs, from, to, what, about, outcome });
  }

  #mix(one: number, two: number): void {
    this.#low = Math.imul(this.#low ^ one, 0x01000193) ^ (this.#high >>> 15);
    this.#high = Math.imul(this.#high ^ two, 0x01000193) ^ (this.#low >>> 13);
  }
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
