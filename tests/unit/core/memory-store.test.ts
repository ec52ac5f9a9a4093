import { createMemoryPayments } from '../../support/memory-payments.ts';
import { describePaymentStore } from '../../support/payment-store-contract.ts';

describePaymentStore('the in-memory fake', () => {
  const { store, reader } = createMemoryPayments();
  return { store, reader };
});
