/**
 * Where something is in what a sender sends: `data.employee.email`, `data.resource[0].id`,
 * `target[type=User].alternateId` (the first of a list whose `type` is `User`), or for names with dots a JSON Pointer
 * (RFC 6901), which begins with `/`.
 */
export type Path = string;

const NAME = String.raw`[^.[\]/=\s][^.[\]=]*`;
const PICK = String.raw`\[(?:\d{1,4}|${NAME}=[^\]]*)\]`;
const DOTTED = new RegExp(`^${NAME}(?:${PICK})*(?:\\.${NAME}(?:${PICK})*)*$`);

export const isPath = (text: string): boolean => text.startsWith('/') || DOTTED.test(text);

type Step = { readonly name: string } | { readonly pick: string; readonly value: string };

function stepsOf(path: Path): Step[] {
  if (path.startsWith('/')) {
    return path
      .slice(1)
      .split('/')
      .map((name) => ({ name: name.replaceAll('~1', '/').replaceAll('~0', '~') }));
  }
  return [...path.matchAll(/\[([^\]=]+)=([^\]]*)\]|\[(\d+)\]|[^.[\]]+/g)].map(
    ([whole, pick, value, index]): Step =>
      pick === undefined ? { name: index ?? whole } : { pick, value: value ?? '' },
  );
}

/** Only what the sender itself sent: nothing that every object inherits. */
const own = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

/** What is there, or undefined. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of stepsOf(path)) {
    if ('name' in step) at = own(at, step.name);
    else at = Array.isArray(at) ? at.find((one) => own(one, step.pick) === step.value) : undefined;
  }
  return at;
}

export type Paths = Path | readonly Path[];

export const listOf = (paths: Paths | undefined): readonly Path[] =>
  paths === undefined ? [] : typeof paths === 'string' ? [paths] : paths;

/** The first that is there. */
export function firstAt(value: unknown, paths: Paths | undefined): unknown {
  for (const path of listOf(paths)) {
    const found = valueAt(value, path);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}

/** A text, or a whole number as text: vendors write ids either way. */
export function textFrom(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

/** RFC 6901, as problem documents point at a field. */
export const pointerOf = (path: Path): string =>
  stepsOf(path)
    .flatMap((step) => ('name' in step ? [step.name] : []))
    .map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
