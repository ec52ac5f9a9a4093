import { createMemoryPayments } from '../../support/memory-payments.ts';
import { describeOpenWork } from '../../support/open-work-contract.ts';
import { describePaymentStore } from '../../support/payment-store-contract.ts';

describePaymentStore('the in-memory fake', createMemoryPayments);
describeOpenWork('the in-memory fake', createMemoryPayments);
