import type { ChecklistEntry, ChecklistSection } from './entry.ts';

const HEAD = [
  '# A checklist for a real account',
  '',
  'No account was used to build the portal. What the code takes to be so of AWS, and nobody could see, stands here, each with what to type, what must be seen, what happens should it be otherwise, and what to change then.',
  '',
  '`npm run -s cli -- checklist` shows the list; with `--stage prod --region REGION` (or `--look`, for the stack of this machine) it also asks `doctor` about those that it can see by itself. This page is made of `cli/checklist` by `checklist --markdown`: change it there.',
  '',
  'Take a stage that nobody needs, with one canary device. Words in capitals are yours to replace: `ENDPOINT` is `cvpn-endpoint-…`, `REGION` such as `eu-west-1`.',
];

/** What docs/real-account-checklist.md says. */
export const checklistMarkdown = (sections: readonly ChecklistSection[]): string =>
  `${[
    ...HEAD,
    ...sections.flatMap(({ title, entries }) => ['', `## ${title}`, ...entries.flatMap(entryMarkdown)]),
  ].join('\n')}\n`;

function entryMarkdown({
  id,
  assumed,
  meanwhile,
  files,
  commands,
  expected,
  otherwise,
  findings,
}: ChecklistEntry): string[] {
  return [
    '',
    `### \`${id}\``,
    '',
    `- [ ] ${assumed}`,
    '',
    `Should it be otherwise: ${meanwhile}`,
    '',
    '```sh',
    ...commands,
    '```',
    '',
    `To be seen: ${expected}.${findings === undefined ? '' : ' `checklist` looks at it by itself.'}`,
    '',
    `If not: ${otherwise}.`,
    '',
    `It is in ${files.map((file) => `\`${file}\``).join(', ')}.`,
  ];
}
