import { asksGate } from '../../shared/domain/endpoint.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:AWSClientVPN-gate';
const ALIAS = `${FUNCTION}:live`;

describe('an endpoint asks our gate', () => {
  it.each<[string, string, string]>([
    ['by its alias', ALIAS, ALIAS],
    ['by its alias, while we still know the function', ALIAS, FUNCTION],
    ['by the function, while we know its alias already', FUNCTION, ALIAS],
  ])('%s', (_how, asked, ours) => {
    expect(asksGate({ connectHandlerArn: asked }, ours)).toBe(true);
  });

  it.each<[string, string | undefined]>([
    ['off', undefined],
    ['a version that somebody chose', `${FUNCTION}:7`],
    ['another alias', `${FUNCTION}:old`],
    ['another function', `${FUNCTION}-2:live`],
    ['one of another account', ALIAS.replace('111122223333', '444455556666')],
    ['nothing', ''],
  ])('but not where it asks %s', (_what, asked) => {
    expect(asksGate(asked === undefined ? {} : { connectHandlerArn: asked }, ALIAS)).toBe(false);
  });
});
