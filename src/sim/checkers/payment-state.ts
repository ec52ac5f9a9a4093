/** What a payment's journal, record and refunds may be, as far as callers can tell; and how they go on. */

export interface PaymentState {
  /**
   * `recorded`: a read shows it as PROCESSED, but its journal does not say so yet. `processed`: it does,
   * and takes refunds.
   */
  readonly phase: 'absent' | 'accepted' | 'recorded' | 'processed' | 'declined';
  readonly fingerprint: string;
  readonly amountMinor: bigint;
  /** What was answered to an acceptance, and with the end; null: nothing so far. */
  readonly acceptAnswer: string | null;
  readonly endAnswer: string | null;
  /** By id: in whatever order they were accepted, they go on alike. */
  readonly refunds: readonly RefundState[];
}

export interface RefundState {
  readonly refundId: string;
  readonly amountMinor: bigint;
  readonly isRemainder: boolean;
  /**
   * `reserved`: not settled, as far as is known. `given`: the money went back, and the journal need not
   * say so yet. `stored`: it does.
   */
  readonly phase: 'reserved' | 'given' | 'stored' | 'declined';
  readonly answer: string | null;
}

export const ABSENT: PaymentState = {
  phase: 'absent',
  fingerprint: '',
  amountMinor: 0n,
  acceptAnswer: null,
  endAnswer: null,
  refunds: [],
};

/** The state once the end shows; null: the payment is absent, or ended otherwise. Pure. */
export function withEnd(
  state: PaymentState,
  status: 'PROCESSED' | 'DECLINED',
): PaymentState | null {
  switch (state.phase) {
    case 'absent':
      return null;
    case 'accepted':
      return { ...state, phase: status === 'PROCESSED' ? 'recorded' : 'declined' };
    case 'recorded':
    case 'processed':
      return status === 'PROCESSED' ? state : null;
    case 'declined':
      return status === 'DECLINED' ? state : null;
  }
}

/** The state once the journal says that it is charged; null: that can't be. Pure. */
export function asProcessed(state: PaymentState): PaymentState | null {
  if (state.phase === 'processed') return state;
  const isOpen = state.phase === 'accepted' || state.phase === 'recorded';
  return isOpen ? { ...state, phase: 'processed' } : null;
}

/** What may still be given back. Pure. */
export function remainingMinor(state: PaymentState): bigint {
  let remaining = state.amountMinor;
  for (const refund of state.refunds) {
    if (refund.phase !== 'declined') remaining -= refund.amountMinor;
  }
  return remaining;
}

/** The state with a refund more; `amountMinor` null: all that is left. Pure. */
export function withNewRefund(
  state: PaymentState,
  refundId: string,
  amountMinor: bigint | null,
): PaymentState {
  const refund: RefundState = {
    refundId,
    amountMinor: amountMinor ?? remainingMinor(state),
    isRemainder: amountMinor === null,
    phase: 'reserved',
    answer: null,
  };
  let at = state.refunds.length;
  while (at > 0 && (state.refunds[at - 1] as RefundState).refundId > refundId) at -= 1;
  return { ...state, refunds: state.refunds.toSpliced(at, 0, refund) };
}

/** The state with one refund changed. Pure. */
export function withRefund(
  state: PaymentState,
  at: number,
  change: Partial<RefundState>,
): PaymentState {
  const refund = state.refunds[at];
  return refund === undefined
    ? state
    : { ...state, refunds: state.refunds.with(at, { ...refund, ...change }) };
}

/**
 * The states in which `amountMinor` can be given back: as it is, or with refunds declined that nobody
 * knows the end of. Null: all that is left, which differs with each that is declined. Pure.
 */
export function withRoomFor(
  state: PaymentState,
  amountMinor: bigint | null,
): readonly PaymentState[] {
  const found: PaymentState[] = [];
  const decline = (reached: PaymentState, from: number): void => {
    const remaining = remainingMinor(reached);
    const asked = amountMinor ?? remaining;
    if (asked > 0n && asked <= remaining) {
      found.push(reached);
      // Where there is room already, a decline may as well come later.
      if (amountMinor !== null) return;
    }
    for (let at = from; at < reached.refunds.length; at += 1) {
      if (reached.refunds[at]?.phase === 'reserved') {
        decline(withRefund(reached, at, { phase: 'declined' }), at + 1);
      }
    }
  };
  decline(state, 0);
  return found;
}

/** The states whose journal says that `refundedMinor` went back, with those it did not say before. Pure. */
export function withRefunded(state: PaymentState, refundedMinor: bigint): readonly PaymentState[] {
  let stored = 0n;
  for (const refund of state.refunds) if (refund.phase === 'stored') stored += refund.amountMinor;
  if (stored === refundedMinor) return [state];
  const found: PaymentState[] = [];
  const store = (reached: PaymentState, from: number, missing: bigint): void => {
    for (let at = from; at < reached.refunds.length; at += 1) {
      const refund = reached.refunds[at];
      if (refund?.phase !== 'reserved' && refund?.phase !== 'given') continue;
      if (refund.amountMinor > missing) continue;
      const next = withRefund(reached, at, { phase: 'stored' });
      if (refund.amountMinor === missing) found.push(next);
      else store(next, at + 1, missing - refund.amountMinor);
    }
  };
  store(state, 0, refundedMinor - stored);
  return found;
}

/** Answers are left out: which were given follows from the operations that are done. Pure. */
export function keyOfPayment(state: PaymentState): string {
  let key = `${state.phase} ${state.fingerprint}`;
  for (const { refundId, amountMinor, isRemainder, phase } of state.refunds) {
    key += ` ${refundId.length}:${refundId} ${amountMinor} ${isRemainder} ${phase}`;
  }
  return key;
}
