import { stripTypeScriptTypes } from 'node:module';

/** Node's own reading of TypeScript, as everywhere else here: types become spaces, so lines and columns stay. */
export default { process: (text) => ({ code: stripTypeScriptTypes(text) }) };
