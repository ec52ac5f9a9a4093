/** A MOCK integration: an answer that API Gateway gives without calling anything. */

import { RegionStartError } from '#twin/region/region-start-error.ts';
import type { IntegrationModel } from '#twin/region-model.ts';
import type { ApiAnswer, RequestContext } from './api-request.ts';
import { compileContextTemplate } from './context-template.ts';

export type MockIntegration = (context: RequestContext) => ApiAnswer;

/**
 * Compiles the integration: the request template must be literal JSON with a `statusCode`, the
 * response of that status may use `$context` variables. `where` names the method in messages.
 * Throws `RegionStartError` for anything that needs the mapping template language.
 */
export function compileMockIntegration(
  integration: Extract<IntegrationModel, { type: 'MOCK' }>,
  where: string,
): MockIntegration {
  const status = statusOf(integration.requestTemplates, where);
  const response = integration.responses.find(({ statusCode }) => Number(statusCode) === status);
  if (response === undefined) {
    throw new RegionStartError(
      `${where}: its MOCK integration asks for status ${status}, which has no integration response.`,
    );
  }
  const [contentType, template] = preferJson(response.templates) ?? ['application/json', ''];
  const body = compileContextTemplate(template, `${where}: its MOCK response template`);
  return (context) => ({
    status,
    headers: ['Content-Type', contentType],
    body: body(context, null),
  });
}

function statusOf(templates: Readonly<Record<string, string>>, where: string): number {
  const template = preferJson(templates)?.[1];
  try {
    const { statusCode } = JSON.parse(template ?? '') as { statusCode?: unknown };
    const status = Number(statusCode);
    if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  } catch {
    // Said below, as for a template without a status.
  }
  throw new RegionStartError(
    `${where}: its MOCK integration's request template must be literal JSON with a statusCode ` +
      `from 200 to 599, for example {"statusCode": 200}; it is ${template ?? 'missing'}.`,
  );
}

function preferJson(templates: Readonly<Record<string, string>>): [string, string] | undefined {
  const entries = Object.entries(templates);
  return entries.find(([contentType]) => contentType === 'application/json') ?? entries[0];
}
