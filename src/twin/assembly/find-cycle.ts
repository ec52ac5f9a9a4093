/**
 * Finds a cycle in a graph of names, following edges in their order.
 *
 * Returns the path with its first name repeated at the end (`[a, b, a]`), or null. Names without an
 * entry have no edges. Pure.
 */
export function findCycle(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const finished = new Set<string>();
  const path: string[] = [];

  function visit(name: string): string[] | null {
    if (finished.has(name)) return null;
    const start = path.indexOf(name);
    if (start !== -1) return [...path.slice(start), name];
    path.push(name);
    for (const next of edges.get(name) ?? []) {
      const cycle = visit(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    finished.add(name);
    return null;
  }

  for (const name of edges.keys()) {
    const cycle = visit(name);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** Every name that `from` reaches over one edge or more. Pure. */
export function reachableFrom(
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
): Set<string> {
  const reached = new Set<string>();
  const waiting = [...(edges.get(from) ?? [])];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    waiting.push(...(edges.get(name) ?? []));
  }
  return reached;
}
