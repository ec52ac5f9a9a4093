/** Values of a template's parameters. */

import { AssemblyError } from '../assembly-error.ts';
import type { Fields } from '../fields.ts';

/**
 * Value of parameter `name` of `parameters` (the template's section): its default, since nobody
 * deploys the twin with other values. Lists (`CommaDelimitedList`, `List<…>`) are split at commas.
 *
 * Throws `AssemblyError` for a parameter without a default and for one that CloudFormation would
 * read from the SSM parameter store. (CDK's own `BootstrapVersion` is one; nothing refers to it.)
 */
export function parameterValue(parameters: Fields, name: string): string | string[] {
  const parameter = parameters.object(name);
  const type = parameter.string('Type');
  if (type.startsWith('AWS::SSM::Parameter')) {
    throw new AssemblyError(
      `${parameter.where}: its value is in the SSM parameter store, which the twin doesn't run. ` +
        'Pass the value in the template.',
    );
  }
  const value = parameter.optionalString('Default');
  if (value === null) {
    throw new AssemblyError(`${parameter.where}: it has no default. Give it one for the twin.`);
  }
  const isList = type === 'CommaDelimitedList' || type.startsWith('List<');
  return isList ? value.split(',').map((entry) => entry.trim()) : value;
}
