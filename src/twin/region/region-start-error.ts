/**
 * Why a Region's process can't start, in words for the person who started the twin.
 *
 * The message names the resource, what is wrong with it and what to mend. It never carries a stack.
 */
export class RegionStartError extends Error {
  override readonly name = 'RegionStartError';
}
