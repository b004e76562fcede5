import { awsTarget, TARGET_OPTIONS } from '../aws/target.ts';
import { defineCommand } from '../command.ts';
import { switchOff } from './gate.ts';

const LIST_LIFE_SECONDS = 3_650 * 86_400;
const PATIENCE_SECONDS = 4 * 3_600;

export const uninstall = defineCommand({
  name: 'uninstall',
  audience: 'operator',
  summary: 'make the endpoints stand without the portal, so that its stack may be deleted',
  notes: [
    'Publishes everybody who is revoked or held on a list that lives as long as the CA, at most ten years, and',
    'detaches the gate. The stack cannot be deleted before. Nothing is deleted here.',
  ],
  arguments: {},
  options: { ...TARGET_OPTIONS, yes: { words: 'do not ask' } },
  examples: ['uninstall --stage prod'],
  async run(context, given) {
    const target = awsTarget(context.world, given);
    const result = await switchOff(context, target, {
      endpoint: undefined,
      yes: given.yes,
      crlLifeSeconds: LIST_LIFE_SECONDS,
      patienceSeconds: PATIENCE_SECONDS,
    });
    const { screen } = context;
    screen.title('What stays when the stack is deleted');
    screen.fields([
      [
        'endpoint',
        'with its server certificate; its subnets and rules go, so that nobody connects until they are back',
      ],
      ['list', 'the endpoint’s: who is on it stays out, and nobody who leaves from now on comes onto it'],
      ['key', 'the CA’s, in KMS: without it no list can ever be signed again'],
      ['table', 'who has which certificate, and every offboarding'],
    ]);
    if (target.stackName !== undefined) {
      const { region } = target.clientOptions('any');
      const where = `--stack-name ${target.stackName}${region === undefined ? '' : ` --region ${region}`}`;
      const protection =
        'aws cloudformation update-termination-protection --no-enable-termination-protection';
      screen.command(`${protection} ${where}`, 'now the stack may go');
      screen.command(`aws cloudformation delete-stack ${where}`);
    }
    return { ...result, mayDeleteStack: true };
  },
});
