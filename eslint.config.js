import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const shipped = ['functions/**/*.ts', 'shared/**/*.ts', 'infra/**/*.ts', 'cli/**/*.ts'];

export default tseslint.config(
  { ignores: ['node_modules/', '.local/', '.build/', '.serverless/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An async function without await is how a port's in-memory implementation keeps its promise type.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-control-regex': 'off',
    },
  },
  {
    // Short files, short functions: what does not fit has two subjects.
    files: shipped,
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60 }],
    },
  },
  {
    files: ['functions/**/*.ts', 'shared/**/*.ts'],
    rules: {
      'no-console': 'error',
      // Its classic form costs each cold start as much as the TLS of Node.
      'no-restricted-imports': ['error', { name: 'zod', message: 'What a function loads uses zod/mini.' }],
    },
  },
  {
    // Ports are objects of functions; tests take one out and put another in.
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    // Time, randomness and configuration come in as arguments.
    files: ['shared/domain/**/*.ts', 'shared/use-cases/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take the clock as an argument.' },
        { object: 'Math', property: 'random', message: 'Take random octets as an argument.' },
        {
          object: 'process',
          property: 'env',
          message: 'Only functions/composition.ts reads the environment.',
        },
      ],
    },
  },
);
