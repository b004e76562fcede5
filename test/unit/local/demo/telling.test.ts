import {
  expectSeen,
  NotObservedError,
  StoryBrokenError,
  teller,
  type Listener,
} from '../../../../infra/local/demo/telling.ts';

const silent: Listener = { began: () => undefined, ended: () => undefined };
const never = new AbortController().signal;

describe('a story', () => {
  it('reports each step with what it observed, and hands its result on', async () => {
    const { tell, reports } = teller(silent, never);
    const result = await tell('greet', 'somebody greets', async (observe) => {
      observe('words', 'hello', 'heard: hello');
      return 7;
    });
    expect(result).toBe(7);
    expect(reports).toEqual([
      { name: 'greet', ok: true, observed: { words: 'hello' }, milliseconds: expect.any(Number) as number },
    ]);
  });

  it.each<[string, Error, { expected: string; seen: string }]>([
    ['was not observed', new NotObservedError('rain', 'sun'), { expected: 'rain', seen: 'sun' }],
    ['fell over', new Error('no clouds'), { expected: 'the step to come to its end', seen: 'no clouds' }],
  ])('breaks at a step that %s, with what was seen until then', async (_what, error, words) => {
    const lines: (readonly string[])[] = [];
    const listener: Listener = { ...silent, ended: (_number, _title, _report, told) => lines.push(told) };
    const { tell, reports } = teller(listener, never);
    const broken = tell('weather', 'it rains', async (observe) => {
      observe('clouds', true, 'there are clouds');
      throw error;
    });
    await expect(broken).rejects.toThrow(StoryBrokenError);
    expect(reports).toEqual([
      expect.objectContaining({ name: 'weather', ok: false, observed: { clouds: true }, ...words }),
    ]);
    expect(lines).toEqual([['there are clouds']]);
  });

  it('is interrupted within a step that waits, which is then no report', async () => {
    const interruption = new AbortController();
    const { tell, reports } = teller(silent, interruption.signal);
    const waiting = tell('wait', 'somebody waits', () => new Promise(() => undefined));
    interruption.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(tell('next', 'nothing follows', async () => undefined)).rejects.toThrow('enough');
    expect(reports).toEqual([]);
  });
});

it('an expectation that is not met says what was expected and what was seen', () => {
  expect(() => expectSeen(true, 'rain', 'sun')).not.toThrow();
  expect(() => expectSeen(false, 'rain', 'sun')).toThrow('expected rain; seen: sun');
});
