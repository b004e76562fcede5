import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

const WORDS =
  /^(SET|REMOVE|ADD|DELETE|AND|OR|NOT|BETWEEN|attribute_exists|attribute_not_exists|size|if_not_exists|begins_with|pk|sk)$/;

/**
 * Makes a client refuse expressions that AWS refuses and emulators let pass: attributes by their bare names, of
 * which some 570 are reserved words, and placeholders that are not defined, or defined and not used.
 */
export function requireStrictExpressions(client: DynamoDBClient): void {
  client.middlewareStack.add(
    (next) => (args) => {
      assertStrict(args.input);
      return next(args);
    },
    { step: 'build', name: 'requireStrictExpressions' },
  );
}

function assertStrict(input: unknown): void {
  if (Array.isArray(input)) return input.forEach(assertStrict);
  if (typeof input !== 'object' || input === null) return;
  const found = new Set<string>();
  const defined = new Set<string>();
  for (const [name, value] of Object.entries(input)) {
    if (name.endsWith('Expression') && typeof value === 'string') collect(value, found);
    else if (/^ExpressionAttribute(Names|Values)$/.test(name))
      Object.keys(value as object).forEach((k) => defined.add(k));
    else if (name === 'TransactItems' || /^(Put|Update|Delete|ConditionCheck)$/.test(name))
      assertStrict(value);
  }
  if (Array.isArray(input)) return;
  const wrong = [...found]
    .filter((each) => !defined.has(each))
    .concat([...defined].filter((each) => !found.has(each)));
  if (wrong.length > 0) throw new Error(`placeholders not defined or not used: ${wrong.join(' ')}`);
}

function collect(expression: string, found: Set<string>): void {
  for (const token of expression.match(/[#:]?[A-Za-z_][A-Za-z0-9_]*/g) ?? []) {
    if (/^[#:]/.test(token)) found.add(token);
    else if (!WORDS.test(token)) throw new Error(`a bare attribute name in an expression: ${token}`);
  }
}
