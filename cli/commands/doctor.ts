import { IMPACTS, type Finding, type Impact } from '../../shared/domain/doctor/finding.ts';
import { accountTarget, awsTarget, TARGET_OPTIONS } from '../aws/target.ts';
import { findLocalAws } from '../configuration.ts';
import { defineCommand } from '../command.ts';
import { EXIT_CODE } from '../failure.ts';
import { counted } from '../terminal/words.ts';
import type { Screen } from '../terminal/screen.ts';

export const doctor = defineCommand({
  name: 'doctor',
  audience: 'operator',
  summary: 'look at everything that the VPN needs, at AWS itself, and say what to do',
  notes: [
    'It works when the portal does not: with your own rights at AWS, or with the stack of this machine.',
    'It changes nothing. It asks the gate about a certificate that nobody has, which the gate writes down.',
    'Exit codes: 0 nothing is broken, 1 something is or could not be looked at, 2 wrong usage.',
  ],
  arguments: {},
  options: {
    ...TARGET_OPTIONS,
    endpoint: { value: 'ID', words: 'this endpoint only, whether or not the portal knows it' },
    table: { value: 'NAME', words: "the portal's table, where CloudFormation cannot be asked for it" },
    policy: { words: 'print the IAM policy that allows everything it looks at, and look at nothing' },
  },
  examples: ['doctor', 'doctor --stage prod --region eu-west-1', 'doctor --policy'],
  async run({ world, screen, endWith }, { stage, region, endpoint, table, policy }) {
    // Ten AWS clients are not loaded for those who want something else.
    const { diagnose, DOCTOR_POLICY } = await import('../aws/doctor.ts');
    if (policy) {
      screen.text(JSON.stringify(DOCTOR_POLICY, undefined, 2));
      return { policy: DOCTOR_POLICY };
    }
    const isAccount =
      stage === undefined &&
      endpoint !== undefined &&
      (region !== undefined || findLocalAws(world) === undefined);
    const target = isAccount ? accountTarget(region) : awsTarget(world, { stage, region });
    const request = { target, stage, endpointId: endpoint, tableName: table };
    const { findings, caller } = await diagnose(world, request);
    screen.title(caller === undefined ? target.words : `${target.words}, as ${caller.value.arn}`);
    printFindings(screen, findings);
    const isBroken = findings.some(({ severity }) => severity === 'broken');
    endWith(isBroken ? EXIT_CODE.refused : EXIT_CODE.done);
    return {
      target: target.words,
      ...(caller === undefined ? {} : { caller: caller.value.arn }),
      isBroken,
      counts: countsOf(findings),
      findings,
    };
  },
});

const HEADINGS: Readonly<Record<Impact, string>> = {
  connect: 'Can people connect?',
  keepOut: 'Are leavers kept out?',
  keepRunning: 'Will it stay so?',
  notice: 'Would somebody notice?',
  look: 'Could everything be looked at?',
};

function printFindings(screen: Screen, findings: readonly Finding[]): void {
  for (const impact of IMPACTS) {
    const own = findings.filter((finding) => finding.impact === impact);
    if (own.length === 0) continue;
    screen.line('');
    screen.title(HEADINGS[impact]);
    for (const finding of own) printFinding(screen, finding);
  }
  const { broken, warning, well, info } = countsOf(findings);
  screen.line('');
  screen.note(`${broken} broken, ${counted(warning, 'warning')}, ${well} well, ${info} for your information`);
  printCures(
    screen,
    'Do now',
    findings.filter(({ severity }) => severity === 'broken'),
  );
  printCures(
    screen,
    broken === 0 ? 'When you have time' : 'And then',
    findings.filter(({ severity }) => severity === 'warning'),
  );
  if (broken === 0) screen.done(warning === 0 ? 'All is well' : 'Nothing is broken');
}

function printFinding(screen: Screen, { severity, seen, why }: Finding): void {
  if (severity === 'broken') screen.failed(seen);
  else if (severity === 'warning') screen.warn(seen);
  else if (severity === 'well') screen.done(seen);
  else screen.note(`· ${seen}`);
  if (why !== undefined) screen.note(`    ${why}`);
}

/** One line for each cure, however many findings it cures. */
function printCures(screen: Screen, heading: string, findings: readonly Finding[]): void {
  const cures = new Map(
    findings.flatMap(({ cure }) => (cure === undefined ? [] : [[cure.command ?? cure.words, cure] as const])),
  );
  if (cures.size === 0) return;
  screen.line('');
  screen.title(heading);
  for (const { words, command } of cures.values()) {
    if (command === undefined) screen.line(`  ${words}`);
    else screen.command(command, words);
  }
}

function countsOf(findings: readonly Finding[]): Readonly<Record<Finding['severity'], number>> {
  const counts = { broken: 0, warning: 0, info: 0, well: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}
