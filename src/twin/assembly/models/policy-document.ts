/** Checks that a policy document has the form that the policy evaluator reads. */

import type { PolicyDocument, PolicyStatement } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import { Fields } from '../fields.ts';

/**
 * The document, its `Statement` always a list. Throws `AssemblyError` for a statement without Effect,
 * without actions, or with a Condition that is no object of objects.
 */
export function policyDocument(document: Fields): PolicyDocument {
  const statement = document.raw('Statement');
  const entries = Array.isArray(statement) ? statement : [statement];
  const version = document.optionalString('Version');
  return {
    ...(version === null ? {} : { Version: version }),
    Statement: entries.map((entry, index) => {
      const fields = new Fields(entry, `${document.where}: Statement[${index}]`);
      return checked(entry as PolicyStatement, fields);
    }),
  };
}

function checked(statement: PolicyStatement, fields: Fields): PolicyStatement {
  const effect = fields.string('Effect');
  if (effect !== 'Allow' && effect !== 'Deny') {
    throw new AssemblyError(`${fields.where}: Effect must be Allow or Deny, not ${effect}.`);
  }
  if (fields.has('Action') === fields.has('NotAction')) {
    throw new AssemblyError(`${fields.where}: it needs either Action or NotAction.`);
  }
  for (const element of ['Action', 'NotAction', 'Resource', 'NotResource']) {
    if (Array.isArray(fields.raw(element))) fields.strings(element);
    else fields.optionalString(element);
  }
  const condition = fields.object('Condition');
  for (const operator of condition.names()) condition.object(operator);
  return statement;
}
