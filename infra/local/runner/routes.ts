/** A route of an HTTP API: `GET /v1/certificates/{certificateId}`, `ANY /scim/{proxy+}`, `$default`. */
export interface Route {
  readonly routeKey: string;
  readonly method: string;
  readonly segments: readonly Segment[];
}

type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'rest'; readonly name: string };

export interface RouteMatch<T> {
  readonly found: T;
  /** Percent-decoded, undefined where the route has none. */
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

/** @throws Error naming the place, when the line is not `METHOD /path` */
export function parseRoute(line: string, place: string): Route {
  const [, rawMethod = '', path = ''] = /^(\*|[A-Za-z]+) (\/\S*)$/.exec(line.trim()) ?? [];
  if (path === '') throw new Error(`${place}: '${line}' is not METHOD /path`);
  const method = rawMethod === '*' ? 'ANY' : rawMethod.toUpperCase();
  return { routeKey: `${method} ${path}`, method, segments: splitPath(path).map(parseSegment) };
}

const splitPath = (path: string): string[] => path.slice(1).split('/');

function parseSegment(text: string): Segment {
  const [, name, rest] = /^\{([\w.-]+)(\+?)\}$/.exec(text) ?? [];
  if (name === undefined) return { kind: 'text', text };
  return rest === '+' ? { kind: 'rest', name } : { kind: 'parameter', name };
}

const WEIGHT = { text: 0, parameter: 1, rest: 2 } as const;

/**
 * The most specific route for a request, as API Gateway chooses: fixed text before a parameter before a greedy
 * rest, segment by segment from the left; then the method itself before ANY.
 *
 * @param path not percent-decoded, without the query
 */
export function matchRoute<T extends { readonly route: Route }>(
  candidates: readonly T[],
  method: string,
  path: string,
): RouteMatch<T> | undefined {
  const parts = splitPath(path);
  const matches = candidates
    .filter(({ route }) => route.method === 'ANY' || route.method === method)
    .flatMap((found) => {
      const pathParameters = matchSegments(found.route.segments, parts);
      return pathParameters === undefined ? [] : [{ found, pathParameters }];
    })
    .sort((a, b) => compareRoutes(a.found.route, b.found.route));
  const [best] = matches;
  if (best === undefined) return undefined;
  const hasParameters = Object.keys(best.pathParameters).length > 0;
  return { found: best.found, pathParameters: hasParameters ? best.pathParameters : undefined };
}

function matchSegments(
  segments: readonly Segment[],
  parts: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (part === undefined || (part === '' && segment.kind !== 'text')) return undefined;
    if (segment.kind === 'rest') {
      parameters[segment.name] = percentDecode(parts.slice(index).join('/'));
      return parameters;
    }
    if (segment.kind === 'text' && segment.text !== part) return undefined;
    if (segment.kind === 'parameter') parameters[segment.name] = percentDecode(part);
  }
  return parts.length === segments.length ? parameters : undefined;
}

/** A broken escape stays as it is, so that a handler sees and refuses it. */
export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function compareRoutes(a: Route, b: Route): number {
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index += 1) {
    const [left, right] = [a.segments[index], b.segments[index]];
    const difference = (left ? WEIGHT[left.kind] : 3) - (right ? WEIGHT[right.kind] : 3);
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}
