import type { Judgement, Loss } from './judge.ts';

/** What was decided about a change set, kept for the command that asked. */
export interface Verdict {
  readonly outcome: 'refused' | 'shown' | 'passed';
  readonly isFirst: boolean;
  readonly changes: readonly {
    readonly logicalId: string;
    readonly resourceType: string;
    readonly action: string;
    readonly replacement?: string;
  }[];
  readonly judgement: Judgement;
}

const KINDS: Readonly<Record<Loss['kind'], string>> = {
  removed: 'would be removed',
  replaced: 'would be replaced',
  perhapsReplaced: 'may be replaced: CloudFormation knows only while it does it',
};

const lossWords = ({ logicalId, resourceType, kind, properties, words }: Loss): string =>
  [
    `  ${logicalId} (${resourceType}) ${KINDS[kind]}`,
    ...(properties.length === 0 ? [] : [`    because of  ${properties.join(', ')}`]),
    `    then        ${words}`,
  ].join('\n');

/** Why a deploy stopped, and what to do. */
export function refusalWords({ refused }: Judgement): string {
  const flags = refused.map(({ logicalId }) => `--allow-replacement ${logicalId}`).join(' ');
  return [
    'Stopped before anything was changed: this deploy would end the VPN for the people who use it.',
    ...refused.map(lossWords),
    'Put the parameter or the template back as it was. If you mean it, and everybody knows, name each resource:',
    `  ${flags}`,
  ].join('\n');
}

/** The change set in lines, what is dangerous last. */
export function verdictWords({ isFirst, changes, judgement }: Verdict): string {
  const nothing = changes.length === 0 ? ['  Nothing would change.'] : [];
  return [
    isFirst ? 'A first deploy, so there is nothing to lose. It would make:' : 'The change set:',
    ...nothing,
    ...changes.map(({ action, logicalId, resourceType, replacement }) => {
      const replaced =
        replacement === undefined || replacement === 'False' ? '' : `, replacement: ${replacement}`;
      return `  ${action.padEnd(7)} ${logicalId} (${resourceType}${replaced})`;
    }),
    ...judgement.allowed.map((loss) => `Allowed by name:\n${lossWords(loss)}`),
    ...judgement.unneeded.map(
      (id) => `--allow-replacement ${id} was not needed: it neither goes nor is replaced.`,
    ),
  ].join('\n');
}
