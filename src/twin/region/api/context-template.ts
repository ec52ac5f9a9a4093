/** Templates with `$context.…` variables, as gateway responses and MOCK integrations use them. */

import { RegionStartError } from '#twin/region/region-start-error.ts';
import { formatRequestTime, type RequestContext } from './api-request.ts';

/** Values of `$context.error.…`; null outside gateway responses. */
export interface ErrorContext {
  /** Null where API Gateway gives none. */
  readonly message: string | null;
  readonly responseType: string;
  readonly validationError: string | null;
}

export type ContextTemplate = (context: RequestContext, error: ErrorContext | null) => string;

const VARIABLE = /\$context\.([A-Za-z]\w*(?:\.[A-Za-z]\w*)*)/;

/**
 * Compiles a template. Substitutes variables and nothing else; one that has no value for the request
 * becomes the empty string. `where` names the template in messages.
 * Throws `RegionStartError` when the template uses more of the mapping language than that.
 * Source: API Gateway developer guide, "Gateway responses": no Velocity, simple substitution only.
 */
export function compileContextTemplate(template: string, where: string): ContextTemplate {
  const pieces = template.split(VARIABLE);
  for (const [index, piece] of pieces.entries()) {
    const beyond = /\$(?:input|util|stageVariables|method|\{)|#(?:set|if|else|end|foreach)\b/.exec(
      index % 2 === 0 ? piece : '',
    );
    if (beyond !== null) {
      throw new RegionStartError(
        `${where} uses "${beyond[0]}" of the mapping template language; the twin substitutes ` +
          '$context variables only. Write the template with those.',
      );
    }
  }
  return (context, error) => {
    let text = '';
    for (let index = 0; index < pieces.length; index += 1) {
      const piece = pieces[index] ?? '';
      text += index % 2 === 0 ? piece : valueOf(piece, context, error);
    }
    return text;
  };
}

function valueOf(name: string, context: RequestContext, error: ErrorContext | null): string {
  switch (name) {
    case 'requestId':
    case 'extendedRequestId':
    case 'accountId':
    case 'apiId':
    case 'stage':
    case 'httpMethod':
    case 'path':
    case 'protocol':
    case 'domainName':
      return context[name];
    case 'resourcePath':
      return context.resourcePath ?? '';
    case 'domainPrefix':
      return domainPrefix(context.domainName);
    case 'requestTime':
      return formatRequestTime(context.requestTimeEpochMs);
    case 'requestTimeEpoch':
      return String(context.requestTimeEpochMs);
    case 'identity.sourceIp':
      return context.sourceIp;
    case 'identity.userAgent':
      return context.userAgent ?? '';
    case 'error.message':
      return error?.message ?? '';
    case 'error.messageString':
      // The quoted form of the message: safe inside JSON.
      return error === null ? '' : JSON.stringify(error.message);
    case 'error.responseType':
      return error?.responseType ?? '';
    case 'error.validationErrorString':
      return error?.validationError ?? '';
    default:
      return '';
  }
}

/** First label of a host name. */
export function domainPrefix(domainName: string): string {
  return domainName.split('.', 1)[0] ?? '';
}
