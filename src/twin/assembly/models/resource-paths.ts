/** The resource tree of a REST API. */

import { AssemblyError } from '../assembly-error.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';

/**
 * Resource id → path (`/payments/{transaction_id}`); the root's is `/`.
 * Throws `AssemblyError` for a resource whose parents don't lead to the API's root.
 */
export function resourcePaths(stack: Stack, api: Resource): ReadonlyMap<string, string> {
  const rootId = stack.attribute(api.logicalId, 'RootResourceId');
  const parts = resourcesOf(stack, 'AWS::ApiGateway::Resource').filter(
    (part) => part.properties.string('RestApiId') === api.id,
  );
  const byId = new Map(parts.map((part) => [part.id, part]));
  const paths = new Map([[rootId, '/']]);
  for (const part of parts) {
    const segments: string[] = [];
    let id = part.id;
    while (id !== rootId) {
      const current = byId.get(id);
      // References are free of circles by now, so that this ends.
      if (current === undefined) {
        throw new AssemblyError(
          `${part.properties.where}: it is not reachable: parent ${id} is not a resource of API ` +
            `${api.logicalId}.`,
        );
      }
      segments.unshift(current.properties.string('PathPart'));
      id = current.properties.string('ParentId');
    }
    const path = `/${segments.join('/')}`;
    if ([...paths.values()].includes(path)) {
      throw new AssemblyError(`${part.properties.where}: the API has a resource ${path} already.`);
    }
    paths.set(part.id, path);
  }
  return paths;
}
