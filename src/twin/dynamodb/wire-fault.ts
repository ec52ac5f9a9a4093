/** What DynamoDB answers instead of a result, in its own codes and words. */

import type { AwsWireError } from '../endpoint/aws-service.ts';

export class WireFault extends Error implements AwsWireError {
  override readonly name = 'WireFault';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.code = code;
  }
}

export function validationFault(message: string): WireFault {
  return new WireFault(400, 'ValidationException', message);
}

/** The outcome of a write that ends like this is unknown: it may have been applied. */
export function internalServerFault(message: string, cause?: unknown): WireFault {
  return new WireFault(500, 'InternalServerError', message, cause);
}

/** What a caller is answered for `error`, whatever it is. */
export function asWireFault(error: unknown): WireFault {
  return error instanceof WireFault ? error : internalServerFault('Internal server error', error);
}

export function tableNotFoundFault(detail = ''): WireFault {
  return new WireFault(400, 'ResourceNotFoundException', `Requested resource not found${detail}`);
}

/** Source: docs/adr/0006-twin-global-tables.md; the wording on AWS is unpublished. */
export function conflictFault(): WireFault {
  return new WireFault(
    400,
    'ReplicatedWriteConflictException',
    'One or more items in this request are being modified by a request in another Region.',
  );
}

/**
 * What a Region answers that reaches no second one. The error on AWS is unpublished; fault
 * injection there simulates HTTP 500, so this does too.
 */
export function quorumFault(region: string): WireFault {
  return internalServerFault(
    `Internal server error: ${region} reaches no other Region of this table, ` +
      'so it serves eventually consistent reads only.',
  );
}
