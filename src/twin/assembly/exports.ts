/** Exports of stacks and their imports by other stacks of the same Region. */

import { AssemblyError } from './assembly-error.ts';
import { findCycle } from './find-cycle.ts';
import type { ImportValue, Stack, StackOutput } from './stack.ts';
import type { StackEnvironment } from './template/stack-environment.ts';

export interface Exports {
  /** Makes the stacks' exports known. Throws when a Region has one export name twice. */
  provide(stacks: readonly Stack[]): void;
  /**
   * Value of an export of another stack in the importer's Region. Throws when there is none, or
   * when stacks import from one another in a circle: none of them could be deployed first.
   */
  readonly importValue: ImportValue;
}

export function createExports(): Exports {
  const known = new Map<string, { readonly exporter: StackEnvironment; output: StackOutput }>();
  const imports = new Map<string, Set<string>>();

  return {
    provide(stacks) {
      for (const { environment, outputs } of stacks) {
        for (const output of outputs) {
          if (output.exportName === null) continue;
          const key = keyOf(environment, output.exportName);
          const other = known.get(key);
          if (other !== undefined) {
            throw new AssemblyError(
              `Stacks ${other.exporter.stackName} and ${environment.stackName} both export ` +
                `${output.exportName} in ${environment.region}. Rename one export.`,
            );
          }
          known.set(key, { exporter: environment, output });
        }
      }
    },
    importValue(importer, exportName) {
      const found = known.get(keyOf(importer, exportName));
      if (found === undefined) {
        throw new AssemblyError(
          `${importer.stackName}: no stack in ${importer.region} exports ${exportName}.`,
        );
      }
      const from = keyOf(importer, importer.stackName);
      const edges = imports.get(from) ?? new Set();
      imports.set(from, edges.add(keyOf(found.exporter, found.exporter.stackName)));
      const cycle = findCycle(imports);
      if (cycle !== null) {
        throw new AssemblyError(
          `Stacks import from one another in a circle: ${cycle.join(' → ')}.`,
        );
      }
      return found.output.value();
    },
  };
}

function keyOf(environment: StackEnvironment, name: string): string {
  return `${environment.region}/${name}`;
}
