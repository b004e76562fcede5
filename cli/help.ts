import type { Command } from './command.ts';
import { COMMON_OPTIONS } from './parse.ts';
import { EXIT_CODE } from './failure.ts';
import type { Screen } from './terminal/screen.ts';
import { PROGRAM } from './world.ts';

const AUDIENCES = {
  everybody: 'For everybody',
  employee: 'For your own certificates',
  administrator: 'For administrators',
  operator: 'For whoever runs it on AWS, with AWS’s own credentials: these work without the portal',
  source: 'To try what HR systems do',
} as const satisfies Record<Command['audience'], string>;

const VARIABLES: readonly (readonly [string, string])[] = [
  ['VPN_PORTAL_URL', 'the portal; without it, the one that npm start runs here'],
  ['VPN_PORTAL_ISSUER', 'the identity provider that signs you in'],
  ['VPN_PORTAL_CLIENT_ID', 'what this program is called there'],
  ['VPN_PORTAL_SCOPES', 'what to ask for there; "openid vpn vpn.admin" when absent'],
  ['VPN_PORTAL_TOKEN', 'an access token, instead of signing in'],
  ['NO_COLOR', 'words without colour'],
];

const EXIT_WORDS: Readonly<Record<keyof typeof EXIT_CODE, string>> = {
  done: 'done',
  refused: 'refused or failed',
  usage: 'wrong usage',
  unreachable: 'the portal cannot be reached',
};

/** `enrol [--device NAME]`, as it is typed. */
export function usageOf({ name, arguments: taken, options }: Command): string {
  const argumentWords = Object.entries(taken).map(([argument, { optional, choices }]) => {
    const word = choices === undefined ? argument : choices.join('|');
    return optional === true ? `[${word}]` : word;
  });
  const optionWords = Object.entries(options).map(([option, { value }]) =>
    value === undefined ? `[--${option}]` : `[--${option} ${value}]`,
  );
  return [name, ...argumentWords, ...optionWords].join(' ');
}

/** Help for everything. */
export function printOverview(screen: Screen, commands: readonly Command[]): void {
  screen.title(`${PROGRAM} COMMAND`);
  const width = Math.max(...commands.map(({ name }) => name.length));
  for (const [audience, heading] of Object.entries(AUDIENCES)) {
    screen.line('');
    screen.title(heading);
    for (const command of commands.filter((one) => one.audience === audience)) {
      screen.line(`  ${command.name.padEnd(width)}  ${command.summary}`);
    }
  }
  screen.line('');
  screen.title('With every command');
  printOptions(screen, COMMON_OPTIONS);
  screen.line('');
  screen.title('Environment');
  screen.fields(VARIABLES);
  screen.line('');
  const codes = Object.entries(EXIT_WORDS).map(
    ([name, words]) => `${Object.entries(EXIT_CODE).find(([key]) => key === name)?.[1] ?? ''} ${words}`,
  );
  screen.note(`Exit codes: ${codes.join(', ')}.`);
}

/** Help for one command. */
export function printCommandHelp(screen: Screen, command: Command): void {
  screen.title(`${PROGRAM} ${usageOf(command)}`);
  screen.line(`${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`);
  for (const note of command.notes ?? []) screen.line(note);
  const taken = Object.entries(command.arguments);
  if (taken.length > 0) screen.line('');
  screen.fields(taken.map(([name, { words }]) => [name, words] as const));
  screen.line('');
  printOptions(screen, { ...command.options, ...COMMON_OPTIONS });
  screen.line('');
  for (const example of command.examples) screen.command(`${PROGRAM} ${example}`);
}

const printOptions = (screen: Screen, options: Command['options']): void =>
  screen.fields(
    Object.entries(options).map(
      ([name, { value, words }]) =>
        [value === undefined ? `--${name}` : `--${name} ${value}`, words] as const,
    ),
  );

/** The same table, for programs. */
export const describeCommands = (commands: readonly Command[]): object => ({
  commands: commands.map((command) => ({
    name: command.name,
    usage: usageOf(command),
    summary: command.summary,
    examples: command.examples,
  })),
});
