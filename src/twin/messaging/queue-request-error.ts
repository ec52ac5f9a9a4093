/** A queue was asked to do what it can't; worded for the one who asked. */
export class QueueRequestError extends Error {
  override readonly name = 'QueueRequestError';
}
