import { classifyAwsError } from '../../../shared/adapters/inspection/classify.ts';
import { examine } from '../../../shared/domain/doctor/examine.ts';
import { attemptsWith } from '../../../shared/use-cases/doctor/attempts.ts';
import { DOCTOR_POLICY, READS } from '../../../shared/use-cases/doctor/reads.ts';
import { PORTAL } from './healthy-portal.ts';

const errorOf = (name: string, message = '', code?: string): Error =>
  Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });

describe('an error of the AWS SDK', () => {
  it.each([
    ['CredentialsProviderError', 'Could not load credentials from any providers', 'noCredentials'],
    ['ExpiredTokenException', 'The security token included in the request is expired', 'noCredentials'],
    ['UnrecognizedClientException', 'The security token included in the request is invalid', 'noCredentials'],
    ['AccessDeniedException', '', 'refused'],
    ['AccessDenied', '', 'refused'],
    ['UnauthorizedOperation', 'You are not authorized to perform this operation.', 'refused'],
    ['AuthorizationErrorException', '', 'refused'],
    ['UnknownOperationException', '', 'notHere'],
    ['InvalidAction', '', 'notHere'],
    ['ThrottlingException', 'Rate exceeded', 'failed'],
    ['TypeError', 'a mistake of ours', 'failed'],
  ])('%s (%s) is %s', (name, message, kind) => {
    expect(classifyAwsError(errorOf(name, message)).kind).toBe(kind);
  });

  it('names the right that was missing, as AWS words it', () => {
    const message =
      'User: arn:aws:sts::111122223333:assumed-role/ops/olga is not authorized to perform: ' +
      'dynamodb:BatchGetItem on resource: arn:aws:dynamodb:eu-west-1:111122223333:table/t';
    expect(classifyAwsError(errorOf('AccessDeniedException', message)).action).toBe('dynamodb:BatchGetItem');
  });

  it('says how the network failed', () => {
    expect(classifyAwsError(errorOf('Error', 'connect failed', 'ECONNREFUSED')).words).toBe('ECONNREFUSED');
    expect(classifyAwsError('nonsense')).toMatchObject({ kind: 'failed' });
  });
});

describe('without credentials', () => {
  it('nobody is asked a second time, and one finding says it all', async () => {
    const attempts = attemptsWith(classifyAwsError);
    const fails = (): Promise<never> =>
      Promise.reject(errorOf('CredentialsProviderError', 'Could not load credentials'));
    await attempts.attempt(READS.caller, fails);
    let asked = false;
    await attempts.attempt(READS.settings, async () => (asked = true));
    expect(asked).toBe(false);
    const dark = {
      stack: undefined,
      table: undefined,
      hasPointInTimeRecovery: undefined,
      concurrencyLimit: undefined,
    };
    const findings = examine({
      ...PORTAL,
      ...dark,
      endpoints: [],
      alarmNames: [],
      unread: attempts.unread,
    });
    const troubles = findings.filter(({ severity }) => severity !== 'well');
    expect(troubles.map(({ code }) => code)).toEqual(['noCredentials']);
    expect(troubles[0]?.cure?.command).toContain('AWS_PROFILE');
  });
});

it('the policy for the doctor reads and asks the gate, and nothing else', () => {
  const [{ Action: actions }] = DOCTOR_POLICY.Statement;
  for (const action of actions) {
    expect(action).toMatch(/:(Describe|Get|List|Export|Query|BatchGetItem|InvokeFunction)/);
    expect(action).not.toMatch(/GetSecretValue/);
  }
});
