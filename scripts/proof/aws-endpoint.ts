/** How the proof's own AWS clients reach the twin. */

/** URL of the twin's AWS endpoint. */
export type AwsEndpoint = string;

/** Options of a client of one Region. The proof is an operator of the twin: any key will do. */
export function clientOptions(endpoint: AwsEndpoint, region: string) {
  return {
    region,
    endpoint,
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
    maxAttempts: 1,
  };
}
