import { publishDue } from '../../../shared/use-cases/publication/publish-due.ts';
import { issueCertificate } from '../../../shared/use-cases/issue-certificate.ts';
import { ENDPOINT_ID, newWorld, publicKeyOf, silentAudit } from '../../support/world.ts';

/** What KMS signed against what was recorded, as the alarm compares them. */
async function counted() {
  const world = await newWorld();
  const count = { signed: 0, recorded: 0 };
  const audit = new Proxy(silentAudit(), {
    get: (target, name) =>
      name === 'signatureRecorded'
        ? () => void (count.recorded += 1)
        : (Reflect.get(target, name) as unknown),
  });
  const deps = { ...world.deps, audit };
  const issue = () =>
    issueCertificate(deps, {
      caller: world.caller('alice'),
      deviceName: 'laptop',
      publicKey: publicKeyOf('alice'),
      isKeyOurs: false,
    });
  return { world, deps, count, issue };
}

describe('signatures', () => {
  it('are recorded as often as KMS made them: certificates and lists', async () => {
    const { world, deps, count, issue } = await counted();
    world.interfere((name, effect) => {
      if (name === 'kms.sign') count.signed += 1;
      return effect();
    });
    await issue();
    await publishDue(deps, ENDPOINT_ID);
    expect(count).toEqual({ signed: 2, recorded: 2 });
  });

  it('are recorded also where the person left meanwhile: the store knows what was signed', async () => {
    const { world, count, issue } = await counted();
    world.interfere(async (name, effect) => {
      if (name !== 'kms.sign') return effect();
      count.signed += 1;
      world.calm();
      await world.tell(world.event('alice', 'left', { eventTime: world.clock.now() }));
      return effect();
    });
    await expect(issue()).rejects.toMatchObject({ code: 'personDenied' });
    expect(count).toEqual({ signed: 1, recorded: 1 });
  });

  it('that nobody could record are missing from the count', async () => {
    const { world, count, issue } = await counted();
    world.interfere(async (name, effect) => {
      if (name === 'kms.sign') count.signed += 1;
      if (name === 'certificates.markIssued') throw new Error('the store is down');
      return effect();
    });
    await expect(issue()).rejects.toThrow('the store is down');
    expect(count).toEqual({ signed: 1, recorded: 0 });
  });
});
