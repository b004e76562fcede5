import { globSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/*
 * Which calls of AWS, and which partition keys of the table, a function can reach. Read from the source, never from
 * a list: whatever a function's wiring and handler name is followed, through use cases, ports and the adapters that
 * implement them, to the commands of the SDK. A method of a port counts only where somebody calls it.
 */

export interface Reach {
  /** IAM's names of the calls but for the table's: `kms:Sign`. */
  readonly calls: readonly string[];
  /** Methods of ports: `Wake.connections`. */
  readonly methods: readonly string[];
  /** Calls on the table that read: `GetItem`; and the partition keys of the methods that make them. */
  readonly reads: TableReach;
  /** The same of the port's methods that write, with what they read on the way. */
  readonly writes: TableReach;
}

export interface TableReach {
  readonly actions: readonly string[];
  /** With `*` for what varies: `PERSON#*`. */
  readonly partitionKeys: readonly string[];
}

/** What the document client's commands are to IAM. A transaction is judged by its actions, each for itself. */
const TABLE_ACTIONS: Readonly<Record<string, string | undefined>> = {
  GetCommand: 'GetItem',
  BatchGetCommand: 'BatchGetItem',
  QueryCommand: 'Query',
  PutCommand: 'PutItem',
  UpdateCommand: 'UpdateItem',
  BatchWriteCommand: 'BatchWriteItem',
  TransactWriteCommand: undefined,
};

/** The keys of `Action` in shared/adapters/dynamo/writes.ts. */
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  put: 'PutItem',
  update: 'UpdateItem',
  check: 'ConditionCheckItem',
  remove: 'DeleteItem',
};

const READS = new Set(['GetItem', 'BatchGetItem', 'Query']);
const KEYS_FILE = 'shared/adapters/dynamo/keys.ts';

/** What one stretch of code does by itself, and where it leads. */
interface Step {
  readonly sdk: string[];
  readonly tableActions: string[];
  readonly partitionKeys: string[];
  readonly onward: ts.Node[];
  readonly methods: string[];
}

export function reachReader(root: string): (functionName: string) => Reach {
  const files = globSync('{functions,shared}/**/*.ts', { cwd: root }).map((file) => join(root, file));
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    strict: true,
    noEmit: true,
    // The project's own files are enough: what comes of a package is known by its import.
    noResolve: true,
    types: [],
  });
  const walker = sourceWalker(program, root);
  return (functionName) => {
    const roots = ['index.ts', 'handler.ts'].map((name) => {
      const file = program.getSourceFile(join(root, 'functions', functionName, name));
      if (file === undefined) throw new Error(`functions/${functionName}/${name} is not there`);
      return file;
    });
    return walker(roots);
  };
}

function sourceWalker(program: ts.Program, root: string): (start: readonly ts.Node[]) => Reach {
  const checker = program.getTypeChecker();
  const pathOf = (node: ts.Node): string =>
    node.getSourceFile().fileName.slice(root.length).replace(/^\//, '');
  const own = (node: ts.Node): boolean => /^(?:functions|shared)\//.test(pathOf(node));

  const portMethods = new Map<string, ts.Node[]>();
  const implementations = new Set<ts.Node>();

  /** `CertificateStore.find` where a symbol is a method of a port that adapters implement. */
  const portMethodOf = (symbol: ts.Symbol | undefined): string | undefined => {
    const declaration = symbol?.declarations?.[0];
    if (declaration === undefined || ts.isSourceFile(declaration)) return undefined;
    if (!ts.isMethodSignature(declaration) && !ts.isPropertySignature(declaration)) return undefined;
    if (!ts.isInterfaceDeclaration(declaration.parent)) return undefined;
    if (!pathOf(declaration).startsWith('shared/ports/')) return undefined;
    return `${declaration.parent.name.text}.${declaration.name.getText()}`;
  };

  const noteImplementations = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node)) {
      const port = checker.getContextualType(node);
      for (const property of port === undefined ? [] : node.properties) {
        const name = property.name?.getText();
        const method = portMethodOf(name === undefined ? undefined : port?.getProperty(name));
        if (method === undefined) continue;
        portMethods.set(method, [...(portMethods.get(method) ?? []), property]);
        implementations.add(property);
      }
    }
    ts.forEachChild(node, noteImplementations);
  };
  for (const file of program.getSourceFiles()) {
    if (own(file) && pathOf(file).startsWith('shared/adapters/')) noteImplementations(file);
  }

  const steps = new Map<ts.Node, Step>();
  const stepOf = (start: ts.Node): Step => {
    const known = steps.get(start);
    if (known !== undefined) return known;
    const step: Step = { sdk: [], tableActions: [], partitionKeys: [], onward: [], methods: [] };
    steps.set(start, step);
    const isTransaction = pathOf(start).startsWith('shared/adapters/dynamo/');

    const follow = (symbol: ts.Symbol | undefined): void => {
      const method = portMethodOf(symbol);
      if (method !== undefined && portMethods.has(method)) {
        step.methods.push(method);
        return;
      }
      for (const declaration of symbol?.declarations ?? []) {
        if (own(declaration) && isCode(declaration)) step.onward.push(declaration);
      }
    };
    const visit = (node: ts.Node): void => {
      if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
      // Another's method, made here: it counts where it is called.
      if (node !== start && implementations.has(node)) return;
      if (isTransaction && isNamed(node) && TRANSACTION_ACTIONS[node.name.getText()] !== undefined) {
        const literal = checker.getContextualType(node.parent);
        if (literal?.aliasSymbol?.name === 'Action' || literal?.isUnion() === true) {
          step.tableActions.push(TRANSACTION_ACTIONS[node.name.getText()] ?? '');
        }
      }
      if (ts.isIdentifier(node)) {
        const symbol = symbolAt(checker, node);
        const imported = symbol === undefined ? undefined : packageImport(symbol);
        if (imported !== undefined) step.sdk.push(imported);
        const declared = symbol && resolved(checker, symbol);
        const keys = declared?.declarations?.find((one) => pathOf(one) === KEYS_FILE);
        if (keys !== undefined && !pathOf(start).endsWith('dynamo/keys.ts')) {
          step.partitionKeys.push(...partitionKeysOf(checker, keys));
        } else follow(declared);
      }
      if (ts.isBindingElement(node)) follow(boundProperty(checker, node));
      ts.forEachChild(node, visit);
    };
    visit(start);
    return step;
  };

  const closure = (start: readonly ts.Node[], throughPorts: boolean): Step[] => {
    const seen = new Set<ts.Node>(start);
    const queue = [...start];
    const result: Step[] = [];
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      const step = stepOf(node);
      result.push(step);
      const methods = throughPorts ? step.methods.flatMap((method) => portMethods.get(method) ?? []) : [];
      for (const next of [...step.onward, ...methods]) {
        if (seen.has(next)) continue;
        seen.add(next);
        queue.push(next);
      }
    }
    return result;
  };

  return (start) => {
    const all = closure(start, true);
    const called = new Set(all.flatMap((step) => step.methods));
    const calls = all.flatMap((step) => step.sdk).flatMap(callOf);
    const reads = { actions: new Set<string>(), partitionKeys: new Set<string>() };
    const writes = { actions: new Set<string>(), partitionKeys: new Set<string>() };
    for (const method of called) {
      for (const implementation of portMethods.get(method) ?? []) {
        const inside = closure([implementation], false);
        const actions = inside.flatMap((step) => [
          ...step.tableActions,
          ...step.sdk.flatMap((name) => tableActionOf(name) ?? []),
        ]);
        const keys = inside.flatMap((step) => step.partitionKeys);
        const isWrite = actions.some((action) => !READS.has(action));
        for (const action of actions) (READS.has(action) ? reads : writes).actions.add(action);
        if (actions.some((action) => READS.has(action))) keys.forEach((key) => reads.partitionKeys.add(key));
        if (isWrite) keys.forEach((key) => writes.partitionKeys.add(key));
      }
    }
    return { calls: sorted(calls), methods: sorted(called), reads: listed(reads), writes: listed(writes) };
  };
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();
const listed = (reach: { actions: Set<string>; partitionKeys: Set<string> }): TableReach => ({
  actions: sorted(reach.actions),
  partitionKeys: sorted(reach.partitionKeys),
});

/** Calls that IAM knows by another name. */
const IAM_NAMES: Readonly<Record<string, string>> = {
  'lambda:Invoke': 'lambda:InvokeFunction',
  's3:ListObjectsV2': 's3:ListBucket',
};

/** `@aws-sdk/client-kms#SignCommand` */
function callOf(imported: string): string[] {
  const [module = '', name = ''] = imported.split('#');
  const service = /^@aws-sdk\/client-(.+)$/.exec(module)?.[1];
  if (service === undefined || service === 'dynamodb') return [];
  const action = /^(\w+)Command$/.exec(name)?.[1] ?? /^paginate(\w+)$/.exec(name)?.[1];
  if (action === undefined) return [];
  const call = `${service.replaceAll('-', '')}:${action}`;
  return [IAM_NAMES[call] ?? call];
}

function tableActionOf(imported: string): string[] | undefined {
  const [module = '', name = ''] = imported.split('#');
  if (module !== '@aws-sdk/lib-dynamodb' || !name.endsWith('Command')) return undefined;
  if (!Object.hasOwn(TABLE_ACTIONS, name)) throw new Error(`what is ${name} to IAM?`);
  const action = TABLE_ACTIONS[name];
  return action === undefined ? [] : [action];
}

const isCode = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) ||
  ts.isVariableDeclaration(node) ||
  ts.isVariableStatement(node) ||
  ts.isClassDeclaration(node) ||
  ts.isMethodDeclaration(node);

const isNamed = (node: ts.Node): node is ts.PropertyAssignment | ts.ShorthandPropertyAssignment =>
  ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node);

function symbolAt(checker: ts.TypeChecker, node: ts.Identifier): ts.Symbol | undefined {
  if (ts.isShorthandPropertyAssignment(node.parent)) {
    return checker.getShorthandAssignmentValueSymbol(node.parent);
  }
  return checker.getSymbolAtLocation(node);
}

const resolved = (checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol =>
  (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);

/** `const { terminate } = connections`: the method that is taken out. */
function boundProperty(checker: ts.TypeChecker, node: ts.BindingElement): ts.Symbol | undefined {
  const name = node.propertyName ?? node.name;
  return ts.isIdentifier(name) ? checker.getTypeAtLocation(node.parent).getProperty(name.text) : undefined;
}

/** `package#name` where a symbol is a value imported from a package. */
function packageImport(symbol: ts.Symbol): string | undefined {
  const specifier = symbol.declarations?.find((one) => ts.isImportSpecifier(one));
  if (specifier === undefined || specifier.isTypeOnly) return undefined;
  const clause = specifier.parent.parent;
  if (clause.isTypeOnly || !ts.isStringLiteral(clause.parent.moduleSpecifier)) return undefined;
  const module = clause.parent.moduleSpecifier.text;
  return module.startsWith('.') ? undefined : `${module}#${(specifier.propertyName ?? specifier.name).text}`;
}

/** The partition keys that something of keys.ts makes, with `*` for each value put in. */
function partitionKeysOf(checker: ts.TypeChecker, declaration: ts.Declaration): string[] {
  const keys: string[] = [];
  const read = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) keys.push(node.text);
    else if (ts.isTemplateExpression(node)) {
      keys.push(node.head.text + node.templateSpans.map(({ literal }) => `*${literal.text}`).join(''));
    } else if (ts.isCallExpression(node) || ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(ts.isCallExpression(node) ? node.expression : node);
      for (const one of symbol?.declarations ?? []) keys.push(...partitionKeysOf(checker, one));
    }
  };
  const find = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'pk') read(node.initializer);
    else ts.forEachChild(node, find);
  };
  find(declaration);
  // `…Pk` is the text itself.
  const name = ts.isVariableDeclaration(declaration) ? declaration.name.getText() : '';
  if (keys.length === 0 && /(?:Pk|_PK)$/.test(name) && ts.isVariableDeclaration(declaration)) {
    const value = declaration.initializer;
    if (value !== undefined) read(ts.isArrowFunction(value) ? value.body : value);
  }
  return keys;
}
