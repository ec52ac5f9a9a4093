/**
 * Collects what a template asks for and the twin does not run, so that it is named at start.
 *
 * A resource type is named as it is (`AWS::CloudWatch::Dashboard`); a property that would change the
 * behaviour of something that does run is named below its type (`AWS::Lambda::Function.Layers`).
 */

import type { Fields } from './fields.ts';

export class NotRun {
  readonly #logicalIds = new Map<string, Set<string>>();

  add(type: string, logicalId: string): void {
    const known = this.#logicalIds.get(type);
    if (known === undefined) this.#logicalIds.set(type, new Set([logicalId]));
    else known.add(logicalId);
  }

  /** Names every member of `fields` that is not `known`, as `prefix.<member>`. */
  addUnknown(
    prefix: string,
    logicalId: string,
    fields: Fields,
    known: ReadonlySet<string> | readonly string[],
  ): void {
    const names = new Set(known);
    for (const name of fields.names()) {
      if (!names.has(name)) this.add(`${prefix}.${name}`, logicalId);
    }
  }

  /** Sorted by type and logical id. */
  entries(): { readonly type: string; readonly logicalIds: readonly string[] }[] {
    return [...this.#logicalIds]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([type, logicalIds]) => ({ type, logicalIds: [...logicalIds].toSorted() }));
  }
}
