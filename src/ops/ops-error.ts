/** Why an operator's verb did not do what it was asked for. */

import { AppError } from '#core/app-error.ts';

/** `usage`: mend the request. `refused`: a safety rule says no. `fault`: something does not work. */
export type OpsErrorKind = 'usage' | 'refused' | 'fault';

/** `message`: for an operator, one line that says what to mend. */
export class OpsError extends Error {
  override readonly name = 'OpsError';
  readonly kind: OpsErrorKind;

  constructor(kind: OpsErrorKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** What to mend, by the names of the AWS SDK's errors. */
const MENDS: readonly (readonly [RegExp, string])[] = [
  [
    /ResourceNotFoundException|QueueDoesNotExist|NonExistentQueue/,
    'it does not exist there; check suffix and Regions',
  ],
  [/AccessDenied|NotAuthorized/, 'these credentials do not allow it'],
  [
    /CredentialsProvider|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature/,
    'there are no valid credentials; sign in, or name a --profile',
  ],
];

/** One line about a fault of a port or of an AWS call, with the mend where the cause is known. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const names = chainOf(error).join(' ');
  const mend = MENDS.find(([pattern]) => pattern.test(names))?.[1];
  const text = error instanceof AppError ? error.message : `${error.name}: ${error.message}`;
  return mend === undefined ? text : `${text}: ${mend}`;
}

/** Whether an error is one that the world may bring about; any other is a defect. */
export function isFault(error: unknown): error is Error {
  return error instanceof AppError || error instanceof OpsError;
}

function chainOf(error: Error): readonly string[] {
  const names: string[] = [];
  for (let next: unknown = error; next instanceof Error && names.length < 5; next = next.cause) {
    names.push(next.name);
  }
  return names;
}
