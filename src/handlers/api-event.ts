/** The parts of API Gateway's proxy event and answer (payload version 1.0) that the functions use. */

/**
 * Source: API Gateway developer guide, "Input format of a Lambda function for proxy integration".
 * Everything is optional: a direct invocation may carry only a body.
 */
export interface ApiEvent {
  readonly resource?: string;
  readonly httpMethod?: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  /** Percent-encoded, as they stand in the path: read them with `pathIdentifier`. */
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueQueryStringParameters?: Readonly<
    Record<string, readonly string[] | undefined>
  > | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext?: {
    readonly requestId?: string;
    /** As the caller used it: with the stage, or with a custom domain's base path. */
    readonly path?: string;
  } | null;
}

/** The parts of the Lambda context that the functions use. */
export interface InvocationContext {
  readonly awsRequestId?: string;
  getRemainingTimeInMillis?(): number;
}

export interface ApiAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A header's value, whatever the case of its name; null when absent. */
export function headerOf(event: ApiEvent, lowerCaseName: string): string | null {
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (value !== undefined && name.toLowerCase() === lowerCaseName) return value;
  }
  return null;
}
