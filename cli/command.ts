import type { Configuration } from './configuration.ts';
import type { ExitCode } from './failure.ts';
import type { PortalApi } from './portal/api.ts';
import type { Screen } from './terminal/screen.ts';
import type { World } from './world.ts';

export interface Argument {
  readonly words: string;
  readonly optional?: true;
  readonly choices?: readonly string[];
}

export interface Option {
  /** What stands for the value in help; an option without is a switch. */
  readonly value?: string;
  readonly words: string;
  /** The values that it takes. */
  readonly choices?: readonly string[];
}

/** What a command works with. */
export interface Context {
  readonly world: World;
  readonly screen: Screen;
  /** @throws Failure when no portal is named */
  readonly configuration: () => Configuration;
  /** The API as the person who is signed in. @throws Failure when nobody is */
  readonly portal: () => PortalApi;
  /** What the shell is told although the command did what it was asked to, and its answer stands. */
  readonly endWith: (exitCode: ExitCode) => void;
  /** Nothing happens unless somebody at the terminal says yes. @throws Failure */
  readonly confirm: (question: string, elsewhere: 'refuse' | 'goOn') => Promise<void>;
}

type Given<Arguments, Options> = {
  readonly [Name in keyof Arguments]: Arguments[Name] extends { choices: readonly (infer Choice)[] }
    ? Choice | (Arguments[Name] extends { optional: true } ? undefined : never)
    : Arguments[Name] extends { optional: true }
      ? string | undefined
      : string;
} & {
  readonly [Name in keyof Options]: Options[Name] extends { value: string } ? string | undefined : boolean;
};

/** What was typed, by the names in the table. */
export type Words = Readonly<Record<string, string | boolean | undefined>>;

/** One line of the table of commands, from which parsing and help are made. */
export interface Command {
  readonly name: string;
  readonly audience: 'everybody' | 'employee' | 'administrator' | 'operator' | 'source';
  /** What it does, as the end of "this command …s". */
  readonly summary: string;
  readonly notes?: readonly string[];
  /** In the order in which they are typed. */
  readonly arguments: Readonly<Record<string, Argument>>;
  readonly options: Readonly<Record<string, Option>>;
  /** What follows the program's name. */
  readonly examples: readonly string[];
  /** @returns what `--json` prints */
  run(context: Context, words: Words): Promise<object>;
}

/** A command whose `run` is given exactly the arguments and options that it declares. */
export function defineCommand<
  const Arguments extends Readonly<Record<string, Argument>>,
  const Options extends Readonly<Record<string, Option>>,
>(
  definition: Omit<Command, 'arguments' | 'options' | 'run'> & {
    readonly arguments: Arguments;
    readonly options: Options;
    readonly run: (context: Context, given: Given<Arguments, Options>) => Promise<object>;
  },
): Command {
  return {
    ...definition,
    // The parser fills in every declared name with what its declaration says.
    run: (context, words) => definition.run(context, words as Given<Arguments, Options>),
  };
}
