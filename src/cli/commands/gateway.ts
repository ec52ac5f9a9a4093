/** `holdfast gateway`: runs the reference payment gateway until it is stopped. */

import { type Behaviour, BehaviourError } from '#gateway/behaviour.ts';
import { type ReferenceGateway, startReferenceGateway } from '#gateway/reference-gateway.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { Paint } from '../terminal.ts';

/** Option values as the command line has them, checked one by one. */
export interface GatewayArguments extends Partial<Behaviour> {
  readonly port: number;
  readonly json?: boolean;
}

/** Says that it is ready on `writeOut`, and resolves when SIGINT, SIGTERM or SIGHUP has stopped it. */
export async function gateway(
  given: GatewayArguments,
  paint: Paint,
  writeOut: (text: string) => void,
): Promise<void> {
  const { port, json, ...behaviour } = given;
  const stopAsked = untilStopAsked();
  const server = await start(port, gatewayBehaviour(behaviour));
  writeOut(
    json === true ? `${JSON.stringify({ url: server.url })}\n` : renderGateway(server, paint),
  );
  await stopAsked;
  await server.close();
}

/** A lateness without a rate is for every answer. Pure. */
export function gatewayBehaviour(given: Partial<Behaviour>): Partial<Behaviour> {
  return given.lateMs === undefined ? given : { lateRate: 1, ...given };
}

async function start(port: number, behaviour: Partial<Behaviour>): Promise<ReferenceGateway> {
  try {
    return await startReferenceGateway({
      port,
      behaviour,
      clock: { nowEpochMs: () => Date.now() },
      random: Math.random,
      onError: (error) => console.error(error),
    });
  } catch (error) {
    if (error instanceof BehaviourError) throw new CliError(EXIT.usage, error.message, error);
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.fault, `${message}; choose another with --port`, error);
  }
}

/** What the person who started it sees. Fits 80 columns. Pure. */
export function renderGateway({ url }: Pick<ReferenceGateway, 'url'>, paint: Paint): string {
  return `${paint('good', 'Ready')}: ${url}, a payment gateway that moves no money

${paint('strong', 'Use it with the twin')}
  npm start -- --gateway ${url}

${paint('strong', 'See what it charged')}
  curl ${url}/control/ledger

${paint('strong', 'Have it fail')}
  curl -X PUT ${url}/control/behaviour \\
    -H 'content-type: application/json' -d '{"failAfterChargeRate":0.5}'

${paint('faint', 'Customers whose id begins with "decline" are declined. Ctrl-C stops it.')}
`;
}

/** The first signal asks for a clean stop; a second one ends the process where it stands. */
function untilStopAsked(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(EXIT.fault);
      asked = true;
      resolve();
    });
  }
  return promise;
}
