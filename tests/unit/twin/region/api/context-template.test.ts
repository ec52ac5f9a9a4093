import { describe, expect, it } from 'vitest';

import { compileContextTemplate } from '#twin/region/api/context-template.ts';
import { CONTEXT } from './request-fixture.ts';

function render(template: string): string {
  return compileContextTemplate(template, 'A template')(CONTEXT, {
    message: 'it "failed"',
    responseType: 'THROTTLED',
    validationError: 'x is missing',
  });
}

describe('compileContextTemplate', () => {
  it.each([
    ['$context.httpMethod $context.path', 'POST /prod/process'],
    ['$context.requestTime', '09/Apr/2015:12:34:56 +0000'],
    ['$context.requestTimeEpoch', '1428582896000'],
    ['$context.identity.sourceIp/$context.identity.userAgent', '192.0.2.1/agent/1'],
    ['$context.domainPrefix.', 'abc123.'],
    ['$context.error.message', 'it "failed"'],
    ['$context.error.messageString', String.raw`"it \"failed\""`],
    ['$context.error.responseType', 'THROTTLED'],
    ['[$context.error.validationErrorString]', '[x is missing]'],
    ['[$context.authorizer.principalId]', '[]'],
    ['costs $5 #1', 'costs $5 #1'],
  ])('renders %s', (template, text) => {
    expect(render(template)).toBe(text);
  });

  it.each([
    '$input.body',
    '$util.urlEncode("a")',
    '$stageVariables.x',
    '#if(true)',
    '${context.path}',
  ])('rejects %s', (template) => {
    expect(() => compileContextTemplate(template, 'A template')).toThrow('A template uses');
  });
});
