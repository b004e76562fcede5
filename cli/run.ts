import { COMMANDS } from './commands.ts';
import type { Context } from './command.ts';
import { readConfiguration, type Configuration } from './configuration.ts';
import { EXIT_CODE, Failure, localFailure, usageFailure, type ExitCode } from './failure.ts';
import { describeCommands, printCommandHelp, printOverview } from './help.ts';
import { isJsonWanted, parseCommandLine } from './parse.ts';
import { portalApi } from './portal/api.ts';
import { findToken } from './sign-in/token-store.ts';
import { jsonLine, printable } from './terminal/printable.ts';
import { createScreen, isColourWanted, type Screen } from './terminal/screen.ts';
import { PROGRAM, type World } from './world.ts';

/**
 * Runs one command line.
 *
 * @param args what follows the program's name
 * @returns the exit code
 */
export async function runCommandLine(args: readonly string[], world: World): Promise<number> {
  const isJson = isJsonWanted(args);
  const stream = isJson ? world.stderr : world.stdout;
  const screen = createScreen(stream, isColourWanted(stream, world.env));
  const answer = (value: object): void => {
    if (isJson) world.stdout.write(`${jsonLine(value)}\n`);
  };
  let exitCode: ExitCode = EXIT_CODE.done;
  try {
    answer(await perform(args, world, screen, (code) => (exitCode = code)));
    return exitCode;
  } catch (error) {
    const failure = error instanceof Failure ? error : fromFault(error);
    printFailure(createScreen(world.stderr, isColourWanted(world.stderr, world.env)), failure);
    const { exitCode: failed, ...facts } = failure.facts;
    answer({ error: facts });
    return failed;
  }
}

async function perform(
  args: readonly string[],
  world: World,
  screen: Screen,
  endWith: Context['endWith'],
): Promise<object> {
  const parsed = parseCommandLine(COMMANDS, args);
  if (parsed.kind === 'run') return parsed.command.run(contextOf(world, screen, endWith), parsed.words);
  const { command } = parsed;
  if (command === undefined) printOverview(screen, COMMANDS);
  else printCommandHelp(screen, command);
  return describeCommands(command === undefined ? COMMANDS : [command]);
}

function contextOf(world: World, screen: Screen, endWith: Context['endWith']): Context {
  let read: Configuration | undefined;
  const configuration = (): Configuration => (read ??= readConfiguration(world));
  return {
    world,
    screen,
    endWith,
    configuration,
    portal: () => portalApi(world, configuration().portalUrl, tokenFor(world, configuration())),
    async confirm(question, elsewhere) {
      if (world.ask === undefined) {
        if (elsewhere === 'goOn') return;
        throw usageFailure('Nobody is at a terminal to confirm this', 'give --yes if you are sure');
      }
      const typed = await world.ask(`${printable(question)} [y/N] `);
      if (!/^\s*y(es)?\s*$/i.test(typed)) throw localFailure('notConfirmed', 'Nothing was done');
    },
  };
}

/** @throws Failure when nobody is signed in, or not any more */
function tokenFor(world: World, { portalUrl, token }: Configuration): string {
  if (token !== undefined) {
    if (!/^[\x21-\x7e]+$/.test(token)) throw usageFailure('VPN_PORTAL_TOKEN is not a token');
    return token;
  }
  const kept = findToken(world, portalUrl);
  if (kept !== undefined && (kept.expiresAt ?? Infinity) > world.now()) return kept.accessToken;
  const title = kept === undefined ? 'You are not signed in' : 'Your sign-in has ended';
  throw localFailure('notSignedIn', title, `to ${portalUrl}`, [
    { words: 'sign in', command: `${PROGRAM} login` },
  ]);
}

/** What nobody foresaw: a full disk, a directory that cannot be written, a mistake of ours. */
function fromFault(error: unknown): Failure {
  const words = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return localFailure('failed', 'This failed', String(words));
}

function printFailure(screen: Screen, { facts }: Failure): void {
  const { title, detail, code, faults = [], next = [] } = facts;
  screen.failed(detail === undefined ? title : `${title}: ${detail}`);
  for (const fault of faults) screen.line(`  ${fault.pointer || '/'}: ${fault.detail}`);
  if (facts.status !== undefined) screen.note(`  code ${code}`);
  for (const { words, command } of next) {
    if (command === undefined) screen.note(`  ${words}`);
    else screen.command(command, words);
  }
}
