/** What the AWS endpoint asks of each service that it serves. */

/** Who signed a request. The twin checks no signatures: a key is known or it is the operator's. */
export type Principal =
  | {
      readonly kind: 'role';
      readonly roleArn: string;
      /** `arn:aws:sts::…:assumed-role/<role>/<session>`, as AWS names it in a refusal. */
      readonly sessionArn: string;
      /** Region in which the function runs. */
      readonly region: string;
    }
  /** Whoever runs the AWS CLI against the twin: may do anything. */
  | { readonly kind: 'operator' };

export interface ServiceCall {
  /** Region from the credential scope of the request. */
  readonly region: string;
  readonly operation: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly url: string;
  readonly body: Buffer;
  readonly requestId: string;
  /** Aborted when the client goes away: a call that has not taken effect by then must not. */
  readonly signal: AbortSignal;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** One permission that a call needs. All of a call's must be granted. */
export interface NeededPermission {
  /** `dynamodb:PutItem` */
  readonly action: string;
  readonly resourceArn: string;
  /** Condition keys that the service supplies, lower-case names (`dynamodb:leadingkeys`). */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export interface AwsService {
  /** Service name in the credential scope; CloudWatch's is `monitoring`. */
  readonly name: 'dynamodb' | 'sqs' | 'sns' | 'lambda' | 'secretsmanager' | 'monitoring';
  /** The operation's name, from target header, method and path, or form body. Null: not an operation. */
  operationOf(
    headers: ServiceCall['headers'],
    url: string,
    body: Buffer,
    method: string,
  ): string | null;
  permissionsOf(call: ServiceCall): readonly NeededPermission[];
  handle(call: ServiceCall): Promise<ServiceAnswer>;
  /** An error in this service's wire format. `code` is AWS's, for example AccessDeniedException. */
  errorAnswer(call: ServiceCall, error: AwsWireError): ServiceAnswer;
}

export interface AwsWireError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}
