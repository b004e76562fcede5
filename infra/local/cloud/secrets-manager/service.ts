import { randomBytes, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { arn } from '../../names.ts';
import type { StateFile } from '../../state-file.ts';
import { AwsError, jsonAction } from '../protocol.ts';
import type { JsonService } from '../protocol.ts';

const storedSecret = z.object({
  arn: z.string(),
  name: z.string(),
  /** Absent while the secret is there but has no value yet, as after a bare CreateSecret. */
  current: z.object({ versionId: z.string(), secretString: z.string(), createdAt: z.number() }).optional(),
});
type StoredSecret = z.infer<typeof storedSecret>;

export const secretsState = z.object({ secrets: z.array(storedSecret) });

/** What the local stack does to Secrets Manager without going through its API. */
export interface SecretsControl {
  /** The secret of that name, made without a value where it is absent; its ARN stays. */
  ensure(name: string): { arn: string; hasValue: boolean };
  /** Makes the text the current value. @returns the secret's ARN */
  put(name: string, secretString: string): string;
  /** @returns undefined where the secret or its value is absent */
  get(name: string): string | undefined;
  /** Takes the value away: the secret is as after a bare CreateSecret. */
  empty(name: string): void;
  remove(name: string): void;
}

export interface SecretsDependencies {
  readonly file: StateFile<z.infer<typeof secretsState>>;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** A stand-in for Secrets Manager: text secrets, and their current version only. */
export function secretsManagerService({ file, now }: SecretsDependencies): {
  service: JsonService;
  control: SecretsControl;
} {
  const secrets = new Map<string, StoredSecret>(file.load()?.secrets.map((secret) => [secret.name, secret]));

  const write = (secret: StoredSecret): StoredSecret => {
    secrets.set(secret.name, secret);
    file.save({ secrets: [...secrets.values()] });
    return secret;
  };
  const ensure = (name: string): StoredSecret => secrets.get(name) ?? write({ arn: newArn(name), name });
  const put = (secret: StoredSecret, secretString: string): StoredSecret =>
    write({ ...secret, current: { versionId: randomUUID(), secretString, createdAt: now() } });
  const find = (id: string): StoredSecret => {
    const secret = secrets.get(id) ?? [...secrets.values()].find((candidate) => candidate.arn === id);
    if (secret === undefined) throw notFound("Secrets Manager can't find the specified secret.");
    return secret;
  };

  const actions = new Map([
    ['DescribeSecret', jsonAction(describeInput, ({ SecretId }) => describe(find(SecretId)))],
    ['GetSecretValue', jsonAction(getInput, ({ SecretId }) => valueOf(find(SecretId)))],
    [
      'PutSecretValue',
      jsonAction(putInput, ({ SecretId, SecretString }) => {
        const { arn, name, current } = put(find(SecretId), SecretString);
        return { ARN: arn, Name: name, VersionId: current?.versionId, VersionStages: ['AWSCURRENT'] };
      }),
    ],
  ]);

  return {
    service: {
      name: 'secrets-manager',
      targetPrefix: 'secretsmanager',
      contentType: 'application/x-amz-json-1.1',
      actions,
    },
    control: {
      ensure(name) {
        const secret = ensure(name);
        return { arn: secret.arn, hasValue: secret.current !== undefined };
      },
      put: (name, secretString) => put(ensure(name), secretString).arn,
      get: (name) => secrets.get(name)?.current?.secretString,
      empty(name) {
        const { arn, name: same } = ensure(name);
        write({ arn, name: same });
      },
      remove(name) {
        secrets.delete(name);
        file.save({ secrets: [...secrets.values()] });
      },
    },
  };
}

const describeInput = z.object({ SecretId: z.string().min(1).max(2048) });

/** A secret without a value has no version. */
const describe = ({ arn, name, current }: StoredSecret): object => ({
  ARN: arn,
  Name: name,
  ...(current === undefined ? {} : { VersionIdsToStages: { [current.versionId]: ['AWSCURRENT'] } }),
});

const getInput = z.object({
  SecretId: z.string().min(1).max(2048),
  VersionStage: z.literal('AWSCURRENT').optional(),
});

const putInput = z.object({
  SecretId: z.string().min(1).max(2048),
  SecretString: z.string().min(1).max(65_536),
});

/** Secrets Manager appends six random letters, so that a name that is used again gets another ARN. */
const newArn = (name: string): string =>
  arn('secretsmanager', `secret:${name}-${randomBytes(3).toString('hex')}`);

const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);

function valueOf({ arn, name, current }: StoredSecret): object {
  if (current === undefined) {
    throw notFound("Secrets Manager can't find the specified secret value for staging label: AWSCURRENT");
  }
  return {
    ARN: arn,
    Name: name,
    VersionId: current.versionId,
    SecretString: current.secretString,
    VersionStages: ['AWSCURRENT'],
    CreatedDate: current.createdAt / 1000,
  };
}
