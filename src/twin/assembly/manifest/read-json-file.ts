/** Reads one JSON file of an assembly. */

import { readFileSync } from 'node:fs';
import { AssemblyError } from '../assembly-error.ts';
import { Fields } from '../fields.ts';

/** Throws `AssemblyError` when the file is absent, unreadable, no JSON or no JSON object. */
export function readJsonFile(file: string): Fields {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AssemblyError(`${file} can't be read. Synthesize again.`, { cause });
  }
  try {
    return new Fields(JSON.parse(text), file);
  } catch (cause) {
    if (cause instanceof AssemblyError) throw cause;
    throw new AssemblyError(`${file} is not JSON. Synthesize again.`, { cause });
  }
}
