/** What clients asked for and what they were told: the history that the checkers judge. */

import type { Journal } from '#core/journal.ts';
import type { ApiResponse } from './http.ts';

/** What a request means, whatever its spelling. Written by the workload, never by the code under test. */
export interface Meaning {
  readonly transactionId: string;
  readonly customerId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** One answer that reached a client, of whichever try. */
export interface SeenAnswer {
  readonly region: string;
  /** When the try was sent. */
  readonly sentAtMs: number;
  readonly atMs: number;
  readonly response: ApiResponse;
  /** The journal as the Region that answered had it then: what the simulator knows, and no client. */
  readonly journalThen: Journal | null;
}

/** One try that brought no answer: it may take effect at any time after it was sent, or never. */
export interface SilentTry {
  readonly region: string;
  readonly sentAtMs: number;
}

/** One call of a client, with all its tries. */
export interface Operation {
  readonly index: number;
  readonly kind: 'process' | 'accept' | 'refund' | 'read';
  readonly transactionId: string;
  /** Of `process` and `accept`. */
  readonly meaning: Meaning | null;
  /** Of `refund`; `amountMinor` null: all that is left. */
  readonly refund: { readonly refundId: string; readonly amountMinor: bigint | null } | null;
  readonly client: string;
  readonly calledAtMs: number;
  /** Every answer that came, errors too, in order. */
  readonly answers: SeenAnswer[];
  /** Every try that was given up, in order. */
  readonly silent: SilentTry[];
  /** The answer that the client took for final (2xx, 402, 4xx); null: none, and the outcome is unknown to it. */
  final: SeenAnswer | null;
  /** When it gave up or had its answer; null: it is still trying. */
  endedAtMs: number | null;
  /** False: it gave up, and told its user that nothing was done. */
  mayHaveTakenEffect: boolean;
}

export class Ledger {
  readonly operations: Operation[] = [];

  begin(
    operation: Omit<
      Operation,
      'index' | 'answers' | 'silent' | 'final' | 'endedAtMs' | 'mayHaveTakenEffect'
    >,
  ): Operation {
    const begun: Operation = {
      ...operation,
      index: this.operations.length,
      answers: [],
      silent: [],
      final: null,
      endedAtMs: null,
      mayHaveTakenEffect: true,
    };
    this.operations.push(begun);
    return begun;
  }
}
