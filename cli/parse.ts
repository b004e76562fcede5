import { parseArgs } from 'node:util';
import type { Command, Words } from './command.ts';
import { usageFailure, type Failure } from './failure.ts';
import { PROGRAM } from './world.ts';

export type Parsed =
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'run'; readonly command: Command; readonly words: Words };

/** What every command takes. */
export const COMMON_OPTIONS = {
  json: { words: 'one line of JSON, the last on standard output; everything else goes to standard error' },
  help: { words: 'what a command does and takes' },
} as const;

/** Looked for before anything is understood, so that failures to understand are JSON too. */
export const isJsonWanted = (args: readonly string[]): boolean => {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
};

/** @throws Failure with what is wrong, and where help is */
export function parseCommandLine(commands: readonly Command[], args: readonly string[]): Parsed {
  const [first, ...rest] = args;
  if (first === undefined || first === '--help' || first === '-h')
    return { kind: 'help', command: undefined };
  if (first === 'help') {
    const topic = rest.find((word) => !word.startsWith('-'));
    return { kind: 'help', command: topic === undefined ? undefined : commandNamed(commands, topic) };
  }
  if (first === '--json') return parseCommandLine(commands, rest);
  const command = commandNamed(commands, first);
  const { values, positionals } = tokensOf(command, rest);
  if (values['help'] === true) return { kind: 'help', command };
  return {
    kind: 'run',
    command,
    words: { ...argumentsOf(command, positionals), ...optionsOf(command, values) },
  };
}

function commandNamed(commands: readonly Command[], name: string): Command {
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    throw usageFailure(`There is no command "${name}"`, undefined, [
      { words: 'all commands', command: `${PROGRAM} --help` },
    ]);
  }
  return command;
}

const wrongUse = (command: Command, title: string): Failure =>
  usageFailure(title, undefined, [{ words: 'how to use it', command: `${PROGRAM} ${command.name} --help` }]);

function tokensOf(
  command: Command,
  args: readonly string[],
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  const own = Object.entries(command.options).map(
    ([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }] as const,
  );
  const common = Object.keys(COMMON_OPTIONS).map((name) => [name, { type: 'boolean' }] as const);
  try {
    const options = {
      ...Object.fromEntries([...own, ...common]),
      help: { type: 'boolean', short: 'h' },
    } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { values: { ...values }, positionals };
  } catch (error) {
    // Its first sentence says what is wrong; the others are about the syntax in general.
    const words =
      typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
    throw wrongUse(command, words.split('. ')[0] ?? '');
  }
}

function argumentsOf(command: Command, positionals: readonly string[]): Words {
  const declared = Object.entries(command.arguments);
  const surplus = positionals[declared.length];
  if (surplus !== undefined) throw wrongUse(command, `"${surplus}" is one word too many`);
  return Object.fromEntries(
    declared.map(([name, { optional, choices }], index) => {
      const word = positionals[index];
      if (word === undefined && optional !== true) throw wrongUse(command, `${name} is missing`);
      if (word !== undefined) assertChoice(command, name, choices, word);
      return [name, word];
    }),
  );
}

const optionsOf = (command: Command, values: Words): Words =>
  Object.fromEntries(
    Object.entries(command.options).map(([name, { value, choices }]) => {
      const given = values[name];
      if (typeof given === 'string') assertChoice(command, `--${name}`, choices, given);
      return [name, value === undefined ? given === true : given];
    }),
  );

function assertChoice(
  command: Command,
  name: string,
  choices: readonly string[] | undefined,
  word: string,
): void {
  if (choices === undefined || choices.includes(word)) return;
  throw wrongUse(command, `${name} is one of ${choices.join(', ')}, not "${word}"`);
}
