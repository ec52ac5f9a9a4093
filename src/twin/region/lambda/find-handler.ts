/** Finds the module and the export that a Lambda handler string names. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { RegionStartError } from '#twin/region/region-start-error.ts';
import type { FunctionModel } from '#twin/region-model.ts';

/** Extensions in the order in which Lambda's Node.js runtime tries them. */
const EXTENSIONS = ['.js', '.mjs', '.cjs'] as const;

export interface HandlerLocation {
  /** Absolute path. */
  readonly file: string;
  readonly exportName: string;
}

/**
 * `index.handler` → `<codeDirectory>/index.js`, `.mjs` or `.cjs`, export `handler`. Reads the disk.
 * Throws `RegionStartError` for another runtime than Node.js, a handler that is not
 * `<module>.<export>`, or a missing file.
 */
export function findHandler(fn: FunctionModel): HandlerLocation {
  if (!fn.runtime.startsWith('nodejs')) {
    throw new RegionStartError(
      `Function ${fn.name} has runtime "${fn.runtime}"; the twin runs Node.js functions only. ` +
        'Give it a nodejs runtime or leave it out of the stack that the twin boots.',
    );
  }
  const dot = fn.handler.lastIndexOf('.');
  if (dot < 1 || dot === fn.handler.length - 1) {
    throw new RegionStartError(
      `Function ${fn.name} has handler "${fn.handler}"; it must be <module>.<export>, ` +
        'for example index.handler.',
    );
  }
  const module = fn.handler.slice(0, dot);
  for (const extension of EXTENSIONS) {
    const file = join(fn.codeDirectory, module + extension);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) {
      return { file, exportName: fn.handler.slice(dot + 1) };
    }
  }
  throw new RegionStartError(
    `Function ${fn.name}: no ${EXTENSIONS.map((extension) => module + extension).join(', ')} in ` +
      `${fn.codeDirectory}. Bundle the functions and synthesize again.`,
  );
}
