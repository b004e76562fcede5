import vm from 'node:vm';

/*
 * Each test file loads its modules anew. V8 keeps what it parsed of a file for those that a worker runs after it.
 */

const parsed = new Map();

function remembered(name, code) {
  const found = parsed.get(name);
  return found?.code === code ? found.cachedData : undefined;
}

const { compileFunction, SourceTextModule } = vm;

vm.compileFunction = (code, parameters, options) => {
  const cachedData = remembered(options.filename, code);
  const made = compileFunction(code, parameters, {
    ...options,
    ...(cachedData === undefined ? { produceCachedData: true } : { cachedData }),
  });
  if (cachedData === undefined && made.cachedData !== undefined)
    parsed.set(options.filename, { code, cachedData: made.cachedData });
  return made;
};

vm.SourceTextModule = class extends SourceTextModule {
  constructor(code, options) {
    const cachedData = remembered(options.identifier, code);
    super(code, cachedData === undefined ? options : { ...options, cachedData });
    if (cachedData === undefined)
      parsed.set(options.identifier, { code, cachedData: this.createCachedData() });
  }
};
