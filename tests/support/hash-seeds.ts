/**
 * Simulates seeds 1 to N and prints one hash over all of them: `node hash-seeds.ts 200`. Bundled, it runs on a Node
 * that strips no types, so that two Nodes can be compared.
 */

import { createSimHost } from '#cli/simulate/sim-host.ts';
import { addResult, emptyTally, seedsHashText } from '#cli/simulate/tally.ts';
import { simulateSeed } from '#sim/simulate-seed.ts';

Error.stackTraceLimit = 0;
const seeds = Number(process.argv[2]);
const host = createSimHost();
const tally = emptyTally();
for (let seed = 1; seed <= seeds; seed += 1) addResult(tally, await simulateSeed(seed, host));
process.stdout.write(`${seedsHashText(tally)} ${tally.runs} ${tally.events}\n`);
