/**
 * The durability proof as a command: what it proves is in docs/proof.md.
 *
 *     npm run proof:durability                            both variants, 2,000 payments each
 *     npm run proof:durability -- --payments 500          fewer
 *     npm run proof:durability -- --gateway-fails 0.2     only the one with a gateway that fails
 *     npm run proof:durability -- --json                  the figures as one JSON document
 *
 * Exit codes: 0 all holds, 4 something does not (it is listed), 2 wrong options, 1 the proof itself failed.
 */

import { parseArgs } from 'node:util';
import { EXIT } from '#cli/exit-codes.ts';
import { createProgress } from '#cli/progress.ts';
import { type ReferenceGateway, startReferenceGateway } from '#gateway/reference-gateway.ts';
import { type Proof, proveDurability } from './prove-durability.ts';
import { renderProof } from './render-proof.ts';
import { startProofTwin } from './start-proof-twin.ts';

interface Variant {
  readonly title: string;
  /** Share of charges that break off after they took effect; null: the gateway only records. */
  readonly gatewayFails: number | null;
}

const GATEWAY_FAILS = 0.2;
/** Sweepers take work up 30 s after it was accepted; one attempt that fails comes again a minute later. */
const FINISH_WITHIN_MS = 240_000;

const { values } = parseArgs({
  options: {
    payments: { type: 'string', default: '2000' },
    'gateway-fails': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const payments = Number(values.payments);
const share = values['gateway-fails'] === undefined ? null : Number(values['gateway-fails']);
if (!Number.isSafeInteger(payments) || payments < 2 || payments > 100_000) {
  refuse('--payments: use a whole number from 2 to 100000');
}
if (share !== null && !(share >= 0 && share <= 1)) refuse('--gateway-fails: use 0 to 1');

const writeError = (text: string): void => void process.stderr.write(text);
const results: { readonly title: string; readonly proof: Proof }[] = [];
for (const variant of variants()) {
  writeError(`${variant.title}\n`);
  const proof = await prove(variant);
  results.push({ title: variant.title, proof });
  if (!values.json) console.log(`${renderProof(variant.title, proof)}\n`);
}
if (values.json) console.log(JSON.stringify(results, null, 2));
const holds = results.every(({ proof }) => proof.offenders.length === 0);
process.exitCode = holds ? EXIT.done : EXIT.objectiveMissed;

function variants(): readonly Variant[] {
  const failing = (rate: number): Variant => ({
    title: `A Region is lost, and ${rate * 100} % of charges break off after they took effect`,
    gatewayFails: rate,
  });
  if (share !== null) return [failing(share)];
  return [{ title: 'A Region is lost', gatewayFails: null }, failing(GATEWAY_FAILS)];
}

async function prove({ gatewayFails }: Variant): Promise<Proof> {
  const gateway = gatewayFails === null ? null : await startGateway(gatewayFails);
  try {
    const twin = await startProofTwin(gateway?.url ?? null);
    try {
      const onProgress = createProgress(writeError);
      const finishWithinMs = FINISH_WITHIN_MS;
      return await proveDurability(twin, { payments, gateway, finishWithinMs, onProgress });
    } finally {
      await twin.stop();
    }
  } finally {
    await gateway?.close();
  }
}

function startGateway(failAfterChargeRate: number): Promise<ReferenceGateway> {
  return startReferenceGateway({
    port: 0,
    clock: { nowEpochMs: () => Date.now() },
    random: Math.random,
    behaviour: { failAfterChargeRate },
    onError: (error) => console.error(error),
  });
}

function refuse(message: string): never {
  console.error(message);
  process.exit(EXIT.usage);
}
