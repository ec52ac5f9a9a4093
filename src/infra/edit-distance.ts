/**
 * Levenshtein distance: how many characters to insert, delete or replace to turn `a` into `b`.
 *
 * Case counts. Pure; O(a × b), meant for key names.
 */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = at(previous, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, at(previous, column) + 1, at(current, column - 1) + 1));
    }
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], column: number): number {
  const cell = row[column];
  if (cell === undefined) throw new RangeError(`No column ${column} in a row of ${row.length}`);
  return cell;
}
