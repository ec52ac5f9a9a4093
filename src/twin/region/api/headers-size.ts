/** How much of API Gateway's limit for headers a request takes. */

import type { ApiRequest } from './api-request.ts';

/** Characters of the request line and of header values. Names don't count. Pure. */
export function headersSize(request: ApiRequest): number {
  let size = request.httpMethod.length + request.path.length + request.protocol.length + 2;
  if (request.query !== '') size += request.query.length + 1;
  for (let index = 1; index < request.rawHeaders.length; index += 2) {
    size += request.rawHeaders[index]?.length ?? 0;
  }
  return size;
}
