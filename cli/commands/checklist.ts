import type { Finding } from '../../shared/domain/doctor/finding.ts';
import { awsTarget, TARGET_OPTIONS } from '../aws/target.ts';
import { CHECKLIST } from '../checklist/entries.ts';
import type { ChecklistEntry } from '../checklist/entry.ts';
import { checklistMarkdown } from '../checklist/markdown.ts';
import { verdictOf, type Verdict } from '../checklist/verdict.ts';
import { defineCommand } from '../command.ts';
import { EXIT_CODE, usageFailure } from '../failure.ts';
import type { Screen } from '../terminal/screen.ts';

export const checklist = defineCommand({
  name: 'checklist',
  audience: 'operator',
  summary: 'show what of AWS nobody could see without an account, and how to look at it',
  notes: [
    'With --look or --stage it asks doctor about those that doctor can see, with your own rights; it changes nothing.',
    'The others are yours to try: what to type, what must be seen, and what to change if it is not.',
    'Exit codes: 0 nothing was seen to be otherwise, 1 something is, 2 wrong usage.',
  ],
  arguments: {
    entry: { words: 'one entry alone, by its name such as alias-as-handler', optional: true },
  },
  options: {
    ...TARGET_OPTIONS,
    look: { words: 'ask doctor: at --stage, which does so by itself, else at the stack of this machine' },
    markdown: { words: 'the page docs/real-account-checklist.md, and look at nothing' },
  },
  examples: ['checklist', 'checklist --stage prod --region eu-west-1', 'checklist alias-as-handler'],
  async run({ world, screen, endWith }, { entry, stage, region, look, markdown }) {
    if (markdown) {
      screen.text(checklistMarkdown(CHECKLIST).trimEnd());
      return { markdown: checklistMarkdown(CHECKLIST) };
    }
    const sections = sectionsWith(entry);
    let findings: readonly Finding[] | undefined;
    if (look || stage !== undefined) {
      // Ten AWS clients are not loaded for those who only read.
      const { diagnose } = await import('../aws/doctor.ts');
      const target = awsTarget(world, { stage, region });
      ({ findings } = await diagnose(world, { target, stage, endpointId: undefined, tableName: undefined }));
    }
    const answers = sections.flatMap(({ title, entries }) => {
      screen.line('');
      screen.title(title);
      return entries.map((one) => {
        const verdict = verdictOf(one, findings);
        printEntry(screen, one, verdict);
        return { ...one, ...verdict };
      });
    });
    const isOtherwise = answers.some(({ answer }) => answer === 'otherwise');
    endWith(isOtherwise ? EXIT_CODE.refused : EXIT_CODE.done);
    return { entries: answers };
  },
});

/** @throws Failure where nothing is called so */
function sectionsWith(id: string | undefined): typeof CHECKLIST {
  if (id === undefined) return CHECKLIST;
  const sections = CHECKLIST.map(({ title, entries }) => ({
    title,
    entries: entries.filter((one) => one.id === id),
  })).filter(({ entries }) => entries.length > 0);
  if (sections.length === 0) throw usageFailure(`Nothing on the checklist is called "${id}"`, undefined);
  return sections;
}

function printEntry(screen: Screen, entry: ChecklistEntry, { answer, seen }: Verdict): void {
  screen.line('');
  const words = `${entry.id}: ${entry.assumed}`;
  if (answer === 'holds') screen.done(words);
  else if (answer === 'otherwise') screen.failed(words);
  else screen.line(`· ${words}`);
  for (const one of seen) screen.note(`    seen: ${one}`);
  if (answer === 'holds') return;
  for (const command of entry.commands) screen.command(command);
  screen.note(`    to be seen: ${entry.expected}`);
  screen.note(`    if not: ${entry.otherwise}`);
}
