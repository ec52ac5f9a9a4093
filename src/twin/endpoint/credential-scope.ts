/** Reads who signed an AWS request, for which Region and service, off its credential scope. */

export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/**
 * Finds the scope `<access key>/<yyyymmdd>/<region>/<service>/aws4_request` in the Authorization
 * header, or in the X-Amz-Credential parameter of a presigned address. Null: there is none that
 * can be read. Pure. The signature itself is not looked at: every client of the twin is local.
 *
 * Source: IAM user guide, "Elements of an AWS API request signature".
 */
export function credentialScope(
  authorization: string | undefined,
  url: string,
): CredentialScope | null {
  if (authorization !== undefined) {
    const found = /Credential=([^,\s]+)/.exec(authorization);
    return found?.[1] === undefined ? null : parseScope(found[1]);
  }
  const query = url.indexOf('?');
  if (query === -1) return null;
  const credential = new URLSearchParams(url.slice(query + 1)).get('X-Amz-Credential');
  return credential === null ? null : parseScope(credential);
}

function parseScope(credential: string): CredentialScope | null {
  const [accessKeyId, date, region, service, end, ...rest] = credential.split('/');
  if (!accessKeyId || !date || !region || !service) return null;
  if (end !== 'aws4_request' || rest.length > 0) return null;
  return { accessKeyId, region, service };
}
