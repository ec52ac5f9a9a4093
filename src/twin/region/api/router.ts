/** Finds the method of a REST API that a request path and HTTP method lead to. */

import { RegionStartError } from '#twin/region/region-start-error.ts';

export interface RouterEntry<Target> {
  /** `GET`, …, or `ANY`. */
  readonly httpMethod: string;
  /** Resource path: `/payments/{transaction_id}`, `/files/{proxy+}`. */
  readonly path: string;
  readonly target: Target;
}

export interface RouteMatch<Target> {
  readonly target: Target;
  /** Path parameters as they stand in the path, percent-encoded; null when the path has none. */
  readonly rawPathParameters: Readonly<Record<string, string>> | null;
}

export interface Router<Target> {
  /** `path` is percent-encoded and starts with `/`. Null: no such resource, or not that method. */
  match(httpMethod: string, path: string): RouteMatch<Target> | null;
}

interface Node<Target> {
  readonly literals: Map<string, Node<Target>>;
  parameter: { readonly name: string; readonly node: Node<Target> } | null;
  greedy: { readonly name: string; readonly node: Node<Target> } | null;
  readonly methods: Map<string, Target>;
}

/**
 * Compiles the routes. A literal segment wins over a parameter, a parameter over a greedy one, and
 * a method over ANY; one trailing slash does not matter. The resource is chosen first, by path
 * alone, then its method (*inferred*: AWS does not say whether a resource without the method gives
 * way to a greedy one that has it).
 * Throws `RegionStartError` for two parameters at one level, or a greedy one that is not last.
 */
export function createRouter<Target>(entries: readonly RouterEntry<Target>[]): Router<Target> {
  const root = createNode<Target>();
  for (const entry of entries) {
    nodeFor(root, entry.path).methods.set(entry.httpMethod, entry.target);
  }
  return {
    match(httpMethod, path) {
      const captured: [string, string][] = [];
      const node = find(root, segmentsOf(path), 0, captured);
      const target = node?.methods.get(httpMethod) ?? node?.methods.get('ANY');
      if (target === undefined) return null;
      if (captured.length === 0) return { target, rawPathParameters: null };
      const rawPathParameters: Record<string, string> = Object.create(null);
      for (const [name, value] of captured) rawPathParameters[name] = value;
      return { target, rawPathParameters };
    },
  };
}

/** Depth first, the most specific child first; `captured` holds the parameters on the way down. */
function find<Target>(
  node: Node<Target>,
  segments: readonly string[],
  index: number,
  captured: [string, string][],
): Node<Target> | null {
  const segment = segments[index];
  if (segment === undefined) return node.methods.size > 0 ? node : null;
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const found = find(literal, segments, index + 1, captured);
    if (found !== null) return found;
  }
  if (node.parameter !== null && segment !== '') {
    captured.push([node.parameter.name, segment]);
    const found = find(node.parameter.node, segments, index + 1, captured);
    if (found !== null) return found;
    captured.pop();
  }
  if (node.greedy !== null && segment !== '') {
    captured.push([node.greedy.name, segments.slice(index).join('/')]);
    return node.greedy.node;
  }
  return null;
}

function nodeFor<Target>(root: Node<Target>, path: string): Node<Target> {
  let node = root;
  const segments = segmentsOf(path);
  for (const [index, segment] of segments.entries()) {
    if (!segment.startsWith('{') || !segment.endsWith('}')) {
      let child = node.literals.get(segment);
      if (child === undefined) {
        child = createNode();
        node.literals.set(segment, child);
      }
      node = child;
      continue;
    }
    const isGreedy = segment.endsWith('+}');
    if (isGreedy && index !== segments.length - 1) {
      throw new RegionStartError(`REST API resource ${path}: ${segment} must be the last segment.`);
    }
    const kind = isGreedy ? 'greedy' : 'parameter';
    const name = segment.slice(1, isGreedy ? -2 : -1);
    const child = node[kind] ?? { name, node: createNode<Target>() };
    if (child.name !== name) {
      throw new RegionStartError(
        `REST API resource ${path}: {${name}} and {${child.name}} stand at the same level; ` +
          'API Gateway allows one parameter name there.',
      );
    }
    node[kind] = child;
    node = child.node;
  }
  return node;
}

function createNode<Target>(): Node<Target> {
  return { literals: new Map(), parameter: null, greedy: null, methods: new Map() };
}

/** `/a/b/` → `a`, `b`; `/` → nothing. An empty segment in between stays and matches nothing. */
function segmentsOf(path: string): readonly string[] {
  const end = path.length > 1 && path.endsWith('/') ? path.length - 1 : path.length;
  return end <= 1 ? [] : path.slice(1, end).split('/');
}
