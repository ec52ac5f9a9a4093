/** Pays for an order, and says what the shop does next. */

import { createHoldfastClient, HoldfastError } from '@holdfast/sdk';

// One client for the whole process: its calls share what they learn of the Regions.
const client = createHoldfastClient({
  endpoints: [
    { region: 'us-east-1', url: 'http://127.0.0.1:8081' },
    { region: 'us-east-2', url: 'http://127.0.0.1:8082' },
  ],
});

export async function payForOrder(order: { id: string; customerId: string; total: string }) {
  try {
    const { body } = await client.processPayment({
      transaction_id: `order-${order.id}`, // stored before the call, so that a restart repeats it
      customer_id: order.customerId,
      amount: order.total,
      currency: 'USD',
    });
    return `paid at ${new Date(body.timestamp * 1_000).toISOString()}`;
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    switch (error.outcome) {
      case 'declined':
        return `ask for another card: ${error.declineReason}`;
      case 'unknown':
        return `call again with ${error.transactionId}: it may be paid, and is never paid twice`;
      default:
        return `not paid (${error.code}): ${error.nextStep}`;
    }
  }
}
