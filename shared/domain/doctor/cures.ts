import type { Cure } from './finding.ts';
import type { Place } from './facts.ts';

const PROGRAM = 'npm run -s cli --';

/** A call of AWS's own command line to copy, to the Region or the stand-ins that were looked at. */
export const awsCure = (place: Place, words: string, call: string): Cure => ({
  words,
  command: `aws ${call}${place.awsOptions(call.split(' ')[0] ?? '')}`,
});

/** A command of this program to copy. */
export const ownCure = (words: string, command: string): Cure => ({
  words,
  command: `${PROGRAM} ${command}`,
});

/** Makes everything again as the template says. */
export const deployCure = ({ stage }: Place, words: string): Cure =>
  stage === undefined
    ? { words, command: 'npm start' }
    : { words, command: `npm run deploy -- --stage ${stage}` };
