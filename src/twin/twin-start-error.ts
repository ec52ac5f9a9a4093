/** What keeps a twin from starting, worded for the person who started it. */

export class TwinStartError extends Error {
  override readonly name = 'TwinStartError';
}
