import { COMMANDS } from '../../../cli/commands.ts';
import { Failure } from '../../../cli/failure.ts';
import { isJsonWanted, parseCommandLine } from '../../../cli/parse.ts';

const parse = (line: string) => parseCommandLine(COMMANDS, wordsOf(line));

/** As a shell would, for the quotes that examples have. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

function failureOf(line: string): Failure['facts'] {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof Failure) return error.facts;
    throw error;
  }
  throw new Error('it was understood');
}

describe('the command line', () => {
  it.each([
    ['enrol', { device: undefined, out: undefined, force: false }],
    [
      'enrol --device "work laptop" --out a.ovpn --force',
      { device: 'work laptop', out: 'a.ovpn', force: true },
    ],
    ['revoke X --yes', { ID: 'X', reason: undefined, yes: true, 'of-anybody': false }],
    ['decide I bind P', { ID: 'I', DECISION: 'bind', PERSON_ID: 'P', comment: undefined }],
    [
      'decide I dismiss --comment=why',
      { ID: 'I', DECISION: 'dismiss', PERSON_ID: undefined, comment: 'why' },
    ],
    ['--json whoami', {}],
    ['whoami --json', {}],
  ])('is understood: %s', (line, words) => {
    expect(parse(line)).toMatchObject({ kind: 'run', words });
  });

  it.each([
    ['nonsense', /no command "nonsense"/],
    ['enrol --bogus', /--bogus/],
    ['enrol --device', /--device/],
    ['enrol laptop', /"laptop" is one word too many/],
    ['person', /WHO is missing/],
    ['decide I perhaps', /DECISION is one of bind, dismiss/],
    ['event gone a@example.com', /KIND is one of left, suspended, returned/],
    ['reconcile --mode fire', /--mode is one of report, hold, offboard, not "fire"/],
    ['help nonsense', /no command "nonsense"/],
  ])('is refused as wrong usage, with where help is: %s', (line, words) => {
    const facts = failureOf(line);
    expect(facts).toMatchObject({ exitCode: 2, code: 'wrongUsage' });
    expect(facts.title).toMatch(words);
    expect(facts.next?.[0]?.command).toMatch(/--help$/);
  });

  it.each([
    ['', undefined],
    ['--help', undefined],
    ['-h', undefined],
    ['help', undefined],
    ['help enrol', 'enrol'],
    ['enrol --help', 'enrol'],
    ['person -h', 'person'],
  ])('asks for help: "%s"', (line, name) => {
    const parsed = parse(line);
    expect(parsed.kind).toBe('help');
    expect(parsed.command?.name).toBe(name);
  });

  it('is asked for JSON anywhere but behind --', () => {
    expect(isJsonWanted(['nonsense', '--json'])).toBe(true);
    expect(isJsonWanted(['person', '--', '--json'])).toBe(false);
  });
});

describe('the table of commands', () => {
  const examples = COMMANDS.flatMap(({ name, examples: lines }) =>
    lines.map((line) => [name, line] as const),
  );

  it.each(examples)('%s has an example that is understood: %s', (name, line) => {
    const parsed = parse(line);
    expect(parsed.kind).toBe('run');
    expect(parsed.command?.name).toBe(name);
  });

  it('has every name once, an example for each, and no argument named like an option', () => {
    expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
    for (const command of COMMANDS) {
      expect(command.examples).not.toHaveLength(0);
      const names = [...Object.keys(command.arguments), ...Object.keys(command.options), 'json', 'help'];
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
