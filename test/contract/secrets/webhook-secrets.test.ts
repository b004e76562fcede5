import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Cloud } from '../../../infra/local/cloud/server.ts';
import { secretsManagerSourceVerifications } from '../../../shared/adapters/secrets-manager-source-verifications.ts';
import { secretsManagerWebhookSecrets } from '../../../shared/adapters/secrets-manager-webhook-secrets.ts';
import { parseSourceId } from '../../../shared/domain/identity.ts';
import type { SourceId } from '../../../shared/domain/identity.ts';
import { startCloudForClients } from '../../support/cloud-environment.ts';

const HR = parseSourceId('hr') ?? ('' as SourceId);
const NEW = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const OLD = `whsec_${Buffer.alloc(64, 2).toString('base64')}`;
const both = JSON.stringify({ secrets: [NEW, OLD] });

let cloud: Cloud;
let client: SecretsManagerClient;
let now: number;

beforeAll(async () => {
  cloud = await startCloudForClients();
  client = new SecretsManagerClient({});
});
beforeEach(() => {
  now = 1_800_000_000_000;
  cloud.secrets.remove('hr');
  cloud.faults.clear();
});
afterAll(async () => {
  client.destroy();
  await cloud.close();
});

const webhookSecrets = (secretIdOf: (source: SourceId) => string | undefined = () => 'hr') =>
  secretsManagerWebhookSecrets({ client, secretIdOf, clock: { now: () => now }, cacheSeconds: 60 });

it('a token that a sender is to be verified with is kept in a secret of its own, the latest alone', async () => {
  cloud.secrets.ensure('verifications');
  const verifications = secretsManagerSourceVerifications({ client, secretId: 'verifications' });
  await verifications.keep(HR, 'an earlier token', now);
  await verifications.keep(HR, 'verification-token', now);
  expect(JSON.parse(cloud.secrets.get('verifications') ?? '')).toEqual({
    source: 'hr',
    verificationToken: 'verification-token',
    receivedAt: '2027-01-15T08:00:00.000Z',
  });
});

describe('secretsManagerWebhookSecrets', () => {
  it('gives the live secrets, newest first, by name or ARN', async () => {
    const arn = cloud.secrets.put('hr', both);
    expect(await webhookSecrets().live(HR)).toEqual([NEW, OLD]);
    expect(await webhookSecrets(() => arn).live(HR)).toEqual([NEW, OLD]);
  });

  it("gives secrets in any sender's form", async () => {
    const token = 'Basic b2t0YTpzZWNyZXQ=';
    cloud.secrets.put('hr', JSON.stringify({ secrets: [token] }));
    expect(await webhookSecrets().live(HR)).toEqual([token]);
  });

  it.each<[string, () => void, string | undefined]>([
    ['the source has no secret', () => undefined, undefined],
    ['the name is empty', () => undefined, ''],
    ['the secret is absent', () => undefined, 'hr'],
    ['the secret has no value yet', () => cloud.secrets.ensure('hr'), 'hr'],
    ['the secret says that there is none', () => cloud.secrets.put('hr', '{"secrets":[]}'), 'hr'],
  ])('has none when %s', async (_, arrange, secretId) => {
    arrange();
    expect(await webhookSecrets(() => secretId).live(HR)).toEqual([]);
  });

  it.each([
    ['not JSON', `${NEW}`],
    ['an empty text in the list', '{"secrets":[""]}'],
    ['a secret of 15 letters', JSON.stringify({ secrets: [NEW.slice(6, 21)] })],
    ['a secret with a line in it', JSON.stringify({ secrets: [`${NEW}\n`] })],
    ['a misspelt member', JSON.stringify({ secrets: [NEW], secret: OLD })],
    ['a list', JSON.stringify([NEW])],
  ])('throws at %s, and never quotes it', async (_, text) => {
    cloud.secrets.put('hr', text);
    const error: unknown = await webhookSecrets()
      .live(HR)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    const words = error instanceof Error ? `${error.stack}${JSON.stringify(error.cause)}` : '';
    expect(words).not.toContain(NEW.slice(6, 20));
  });

  it('remembers for as long as it was told, and sees a rotation after that', async () => {
    const secrets = webhookSecrets();
    cloud.secrets.put('hr', JSON.stringify({ secrets: [OLD] }));
    expect(await secrets.live(HR)).toEqual([OLD]);
    cloud.secrets.put('hr', both);
    now += 59_999;
    expect(await secrets.live(HR)).toEqual([OLD]);
    now += 1;
    expect(await secrets.live(HR)).toEqual([NEW, OLD]);
  });

  it('throws while Secrets Manager fails, and does not remember that', async () => {
    cloud.secrets.put('hr', both);
    const secrets = webhookSecrets();
    cloud.faults.add({ service: 'secrets-manager', action: 'GetSecretValue', kind: 'throttle' });
    await expect(secrets.live(HR)).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(await secrets.live(HR)).toEqual([NEW, OLD]);
  });
});
