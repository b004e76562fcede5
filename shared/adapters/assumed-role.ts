import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';

/** Credentials of a role, as a client of any service takes them. It asks for others before these end. */
export type RoleCredentials = () => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}>;

const SESSION_NAME = 'vpn-portal';
/** The shortest that STS gives: what leaks is worth little. */
const SESSION_SECONDS = 900;

/**
 * @param sessionSeconds for how long they are good; 900 when absent, and at most an hour for a role that a role takes
 * @param externalId what the role's account wants to hear, so that nobody is made to use it for somebody else
 */
export const assumedRole =
  ({
    sts,
    roleArn,
    externalId,
    sessionSeconds = SESSION_SECONDS,
  }: {
    readonly sts: () => STSClient;
    readonly roleArn: string;
    readonly externalId?: string;
    readonly sessionSeconds?: number;
  }): RoleCredentials =>
  async () => {
    const { Credentials } = await sts().send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: SESSION_NAME,
        DurationSeconds: sessionSeconds,
        ...(externalId === undefined ? {} : { ExternalId: externalId }),
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
      throw new Error('STS gave no credentials');
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    };
  };
