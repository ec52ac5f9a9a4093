/** A context value as it is shown in a message: JSON, so that an empty or odd one can be seen. */
export function quoted(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
