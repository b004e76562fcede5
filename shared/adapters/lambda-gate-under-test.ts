import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { GateUnderTest } from '../ports/gate-probe.ts';

/** @param versionArn the ARN with the version's number: never the alias, which leads to the old one */
export const lambdaGateUnderTest = ({
  client,
  versionArn,
}: {
  client: LambdaClient;
  versionArn: string;
}): GateUnderTest => ({
  async ask(event) {
    const { FunctionError: functionError, Payload: payload } = await client.send(
      new InvokeCommand({ FunctionName: versionArn, Payload: JSON.stringify(event) }),
    );
    const text = Buffer.from(payload ?? []).toString('utf8');
    if (functionError !== undefined) throw new Error(`${functionError}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as unknown;
  },
});
