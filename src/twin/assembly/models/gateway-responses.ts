/** What a REST API answers by itself: errors before and after the integration. */

import type { GatewayResponseModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';

const HEADER_PREFIX = 'gatewayresponse.header.';

/** By response type. Throws `AssemblyError` for a mapping that the twin can't render. */
export function gatewayResponses(
  stack: Stack,
  api: Resource,
): Record<string, GatewayResponseModel> {
  const responses: Record<string, GatewayResponseModel> = {};
  for (const { properties } of resourcesOf(stack, 'AWS::ApiGateway::GatewayResponse')) {
    if (properties.string('RestApiId') !== api.id) continue;
    const type = properties.string('ResponseType');
    if (Object.hasOwn(responses, type)) {
      throw new AssemblyError(`${properties.where}: the API has a response for ${type} already.`);
    }
    responses[type] = {
      statusCode: properties.optionalString('StatusCode'),
      headers: headersOf(properties.stringMap('ResponseParameters'), properties.where),
      templates: properties.stringMap('ResponseTemplates'),
    };
  }
  return responses;
}

/**
 * Header name → value. A quoted mapping is a literal and loses its quotes; `context.requestId`
 * becomes `$context.requestId`, the form that body templates have.
 */
function headersOf(mappings: Record<string, string>, where: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(mappings).map(([target, mapping]) => {
      if (!target.startsWith(HEADER_PREFIX)) {
        throw new AssemblyError(`${where}: the twin maps headers only, not ${target}.`);
      }
      const name = target.slice(HEADER_PREFIX.length);
      const literal = /^'(.*)'$/s.exec(mapping)?.[1];
      if (literal !== undefined) return [name, literal];
      if (/^context\.[\w.]+$/.test(mapping)) return [name, `$${mapping}`];
      throw new AssemblyError(
        `${where}: header ${name} must be a quoted text or context.…, not ${mapping}.`,
      );
    }),
  );
}
