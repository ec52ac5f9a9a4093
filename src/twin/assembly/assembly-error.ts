/** A cloud assembly that the twin can't stand up. `message` says where and what to mend. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}
