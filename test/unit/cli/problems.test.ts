import { failureFrom } from '../../../cli/portal/problems.ts';
import { PROBLEMS } from '../../../shared/http/problem.ts';

const problem = (code: string, more: object = {}) =>
  JSON.stringify({
    type: 'urn:x',
    title: 'Title',
    status: 400,
    detail: 'Detail.',
    instance: 'urn:y',
    code,
    ...more,
  });

describe('an answer that is no success', () => {
  it.each([
    ['mfaMissing', 401, /cli -- login$/],
    ['signInTooOld', 401, /cli -- login$/],
    ['unauthenticated', 401, /cli -- login$/],
    ['certificateLimitReached', 409, /cli -- certificates$/],
    ['incidentNotFound', 404, /cli -- incidents$/],
  ])('%s says what to do next', (code, status, command) => {
    const { facts } = failureFrom(status, problem(code));
    expect(facts).toMatchObject({ exitCode: 1, code, title: 'Title', detail: 'Detail.', status });
    expect(facts.next?.[0]?.command).toMatch(command);
  });

  it.each(Object.entries(PROBLEMS))('%s is a refusal in words', (code, { status, title }) => {
    const { facts } = failureFrom(status, problem(code, { title, status }));
    expect(facts).toMatchObject({ exitCode: 1, code, title, status });
  });

  it('keeps what is wrong with each field', () => {
    const errors = [{ pointer: '/deviceName', detail: 'too long' }];
    expect(failureFrom(400, problem('malformedRequest', { errors })).facts.faults).toEqual(errors);
  });

  it.each([
    [401, '{"message":"Unauthorized"}', 'unauthorized', /login/],
    [403, '{"message":"Forbidden"}', 'forbidden', /login/],
    [404, '{"message":"Not Found"}', 'notFound', undefined],
    [429, '{"message":null}', 'tooManyRequests', undefined],
    [503, '{"message":"Service Unavailable"}', 'unavailable', undefined],
    [418, '<html>teapot</html>', 'unexpectedAnswer', undefined],
    [302, '', 'unexpectedAnswer', undefined],
  ])('API Gateway’s own %d is understood: %s', (status, body, code, command) => {
    const { facts } = failureFrom(status, body);
    expect(facts).toMatchObject({ exitCode: 1, code, status });
    if (command !== undefined) expect(facts.next?.[0]?.command).toMatch(command);
  });

  it.each(['__proto__', 'constructor', 'toString'])('a code of another kind does no harm: %s', (code) => {
    expect(failureFrom(400, problem(code)).facts).toMatchObject({ code, next: [] });
  });
});
