/** The parameter check of a request validator: what is required must be there and not blank. */

import { RegionStartError } from '#twin/region/region-start-error.ts';
import type { MethodModel } from '#twin/region-model.ts';
import type { ApiRequest } from './api-request.ts';
import type { QueryParameters } from './query-string.ts';

/** Names of the missing parameters, in alphabetical order. */
export type RequiredParameters = (
  request: ApiRequest,
  query: QueryParameters | null,
  pathParameters: Readonly<Record<string, string>> | null,
) => readonly string[];

/**
 * Compiles the check; null when the method requires nothing or its validator checks no parameters.
 * Throws `RegionStartError` for a parameter that is no header, query string or path parameter.
 * Source: API Gateway developer guide, "Request validation": included and not blank. Of a path parameter the
 * percent-encoded text is looked at, so that `%20` is not blank (*inferred*).
 */
export function compileRequiredParameters(method: MethodModel): RequiredParameters | null {
  if (method.validator?.parameters !== true) return null;
  const required = Object.entries(method.requestParameters)
    .filter(([, isRequired]) => isRequired)
    .map(([parameter]) => parse(method, parameter))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (required.length === 0) return null;
  return (request, query, pathParameters) =>
    required
      .filter(({ location, name }) => {
        switch (location) {
          case 'header':
            return !String(request.headers[name.toLowerCase()] ?? '').trim();
          case 'querystring':
            return !query?.single[name]?.trim();
          case 'path':
            return !pathParameters?.[name]?.trim();
        }
      })
      .map(({ name }) => name);
}

type Location = 'header' | 'querystring' | 'path';

function parse(method: MethodModel, parameter: string): { location: Location; name: string } {
  const match = /^method\.request\.(header|querystring|path)\.(.+)$/.exec(parameter);
  if (match === null) {
    throw new RegionStartError(
      `${method.httpMethod} ${method.path} requires "${parameter}"; the twin checks ` +
        'method.request.header, .querystring and .path parameters only.',
    );
  }
  return { location: match[1] as Location, name: match[2] as string };
}
