import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { employee, LOCAL_PEOPLE } from '../openid-provider/people.ts';
import { startStack, type Stack } from '../stack.ts';
import { Closers } from '../stack/closers.ts';
import { vpnBackend, type VpnBackend } from '../stack/vpn-backend.ts';
import { duration } from '../terminal.ts';
import type { Screen } from './presentation.ts';
import { SPEAKERS } from './sources.ts';
import { tellStory } from './story.ts';
import { StoryBrokenError, teller, type Observe, type StepReport } from './telling.ts';
import { worldOf, type World } from './world.ts';

/** What `--json` prints. */
export interface DemoReport {
  readonly ok: boolean;
  readonly backend: VpnBackend['kind'];
  readonly steps: readonly StepReport[];
  readonly milliseconds: number;
}

export interface RunOptions {
  /** Mutual TLS also where OpenVPN can run. */
  readonly tls: boolean;
  /** Another start than the stack's own, for tests. */
  readonly start?: typeof startStack;
}

const ABOUT =
  'alice, bob and carol work here; then alice leaves, and others through every kind of source. Each line below was observed, or the demo fails.';

/** Who leaves through a source of their own. */
const NEWCOMERS = SPEAKERS.map(({ person }, index) => employee(person, String(1101 + index)));

const LOG_LINES = 5;

/**
 * Tells the story on a stack of its own, in temporary data, and cleans up whatever happens.
 *
 * @param signal ends it early
 * @throws the signal's reason, after everything was stopped
 */
export async function runDemo(
  { tls, start = startStack }: RunOptions,
  screen: Screen,
  signal: AbortSignal,
): Promise<DemoReport> {
  const began = performance.now();
  const closers = new Closers();
  const vpn = await vpnBackend(tls ? 'tls' : 'auto');
  const on = { words: vpn.words, isReal: vpn.kind === 'openvpn' };
  screen.opening('Off the VPN, and staying off', on, ABOUT);
  const { tell, reports } = teller(screen, signal);
  const late: { stack?: Stack } = {};
  const begin = async (observe: Observe): Promise<World> => {
    const world = await startWorld(start, vpn, closers);
    late.stack = world.stack;
    observe(
      'endpointId',
      world.stack.endpointId,
      `API ${world.stack.apiUrl}, endpoint ${world.stack.endpointId}`,
    );
    return world;
  };
  let summary: string[] | undefined;
  let isClosed: boolean;
  try {
    const { deniedMilliseconds, cutMilliseconds } = await tellStory(
      tell,
      begin,
      on.isReal ? vpn.words : 'mutual TLS',
    );
    summary = [
      `denied in ${duration(deniedMilliseconds)}`,
      `cut in ${duration(cutMilliseconds)}`,
      'others untouched',
    ];
  } catch (error) {
    if (!(error instanceof StoryBrokenError)) throw error;
    showErrors(screen, late.stack);
  } finally {
    isClosed = await closeAll(closers, screen);
  }
  const milliseconds = Math.round(performance.now() - began);
  const ok = summary !== undefined && isClosed;
  const outcome = summary ?? [`not observed: step ${reports.length}, ${reports.at(-1)?.name ?? ''}`];
  screen.closing(ok, [...outcome, duration(milliseconds)], on);
  return { ok, backend: vpn.kind, steps: reports, milliseconds };
}

async function startWorld(start: typeof startStack, vpn: VpnBackend, closers: Closers): Promise<World> {
  const endpointLog: string[] = [];
  const starting = start({
    schedules: 'manual',
    vpn: vpn.kind === 'tls' ? 'tls' : 'auto',
    people: [...LOCAL_PEOPLE, ...NEWCOMERS],
    log: (entry) => {
      if (entry.kind === 'vpn') endpointLog.push(entry.text);
    },
  });
  // Whoever interrupts the start still has everything stopped.
  closers.add(async () => {
    const stack = await starting.catch(() => undefined);
    await stack?.close();
  });
  return worldOf(await starting, endpointLog, closers);
}

/** @returns whether everything could be stopped */
async function closeAll(closers: Closers, screen: Screen): Promise<boolean> {
  try {
    await closers.close();
    return true;
  } catch (error) {
    screen.note(
      `not everything could be stopped: ${String(error instanceof AggregateError ? error.errors[0] : error)}`,
    );
    return false;
  }
}

/** What functions logged as errors, since their log goes with the data. */
function showErrors(screen: Screen, stack: Stack | undefined): void {
  if (stack === undefined) return;
  const errors = readFileSync(stack.functionLogPath, 'utf8').split('\n').flatMap(errorInWords);
  for (const words of errors.slice(-LOG_LINES)) screen.note(words);
}

const logLine = z.object({
  level: z.enum(['ERROR', 'CRITICAL']),
  message: z.string(),
  error: z.object({ name: z.string(), message: z.string() }).optional(),
});

/** @param line a function's name and what it wrote */
function errorInWords(line: string): string[] {
  const json = line.indexOf('{');
  if (json < 0) return [];
  try {
    const { message, error } = logLine.parse(JSON.parse(line.slice(json)));
    const cause = error === undefined ? '' : `: ${error.name}: ${error.message}`;
    return [`${line.slice(0, json)}logged: ${message}${cause}`];
  } catch {
    return [];
  }
}
