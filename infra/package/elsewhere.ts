import { createHash } from 'node:crypto';
import * as z from 'zod';
import { isCaId } from '../../shared/domain/endpoint.ts';
import { suffixOf } from './further-authorities.ts';
import { wordsOf, type Values } from './values.ts';
import { isTreeObject, type Tree, type TreeObject } from '../local/runner/yaml.ts';

/*
 * Endpoints of other accounts and Regions: each is reached through a role there, and asks a gate there, which reads the
 * portal's table through a role here. All three are named after the same few words, so that nobody has to copy ARNs.
 */

export interface EndpointElsewhere {
  readonly endpointId: string;
  readonly region: string;
  readonly account: string;
  readonly caId: string;
}

const FORM = /^(cvpn-endpoint-[0-9a-f]{17})=([a-z]{2}(?:-[a-z]+)+-\d):(\d{12}):(.+)$/;

/** `cvpn-endpoint-0fedcba9876543210=us-east-1:222233334444:ca1`: where it is, and the CA that it trusts. */
export const endpointElsewhere = z.string().transform((word, context): EndpointElsewhere => {
  const [, endpointId = '', region = '', account = '', caId = ''] = FORM.exec(word) ?? [];
  if (isCaId(caId)) return { endpointId, region, account, caId };
  context.addIssue(
    `"${word}" is no endpoint elsewhere: cvpn-endpoint-0fedcba9876543210=us-east-1:222233334444:ca1`,
  );
  return z.NEVER;
});

const endpointsElsewhereOf = ({ endpointsElsewhere = '' }: Values): EndpointElsewhere[] =>
  wordsOf(endpointsElsewhere).map((word) => endpointElsewhere.parse(word));

/** @param caIds of the deployment */
export const elsewhereFaults = (values: Values, caIds: readonly string[]): string[] =>
  endpointsElsewhereOf(values)
    .filter(({ caId }) => !caIds.includes(caId))
    .map(
      ({ endpointId, caId }) =>
        `endpointsElsewhere says that ${endpointId} trusts ${caId}, which is no CA here. There are: ${caIds.join(', ')}`,
    );

const STACK = '${self:service}-${sls:stage}';
const inText = (text: string): TreeObject => ({ 'Fn::Sub': text });
const unique = (texts: readonly string[]): TreeObject[] => [...new Set(texts)].map(inText);

/** What infra/aws/choices.yml says of them: whose gates may read the table. */
export function elsewhereChoices(values: Values): Readonly<Record<string, unknown>> {
  const all = endpointsElsewhereOf(values);
  return {
    gateReader: all.length === 0 ? { Resources: {} } : '${file(infra/aws/roles/gate-reader.yml)}',
    gateAccounts: unique(all.map(({ account }) => `arn:\${AWS::Partition}:iam::${account}:root`)),
    gateRoles: unique(
      all.map(({ account, region }) => `arn:\${AWS::Partition}:iam::${account}:role/${STACK}-gate-${region}`),
    ),
  };
}

/** A registration for each, as infra/aws/registration.yml has it for the portal's own. */
export const elsewhereRegistrations = (values: Values): TreeObject =>
  Object.fromEntries(
    endpointsElsewhereOf(values).map(({ endpointId, region, account, caId }) => [
      `EndpointRegistrationAt${createHash('sha256').update(endpointId).digest('hex').slice(0, 12)}`,
      {
        Type: 'Custom::EndpointRegistration',
        DependsOn: [`Authority${suffixOf(values, caId)}`],
        Properties: {
          ServiceToken: { 'Fn::GetAtt': ['SetDashupLambdaFunction', 'Arn'] },
          ServiceTimeout: 900,
          EndpointId: endpointId,
          CaId: caId,
          Region: region,
          AccessRoleArn: inText(
            `arn:\${AWS::Partition}:iam::${account}:role/vpn-portal-endpoint-${endpointId}`,
          ),
          GateArn: inText(
            `arn:\${AWS::Partition}:lambda:${region}:${account}:function:AWSClientVPN-${STACK}-gate:live`,
          ),
          GateMode: '${file(infra/aws/choices.yml):gateMode}',
        },
      },
    ]),
  );

/**
 * The template of a gate elsewhere for one stage: other code is another version, and what the stage has decided need not
 * be given again.
 *
 * @param template infra/aws/elsewhere/gate.yml
 */
export function gateElsewhereTemplate(
  template: Tree,
  { portal, values, code }: { portal: string; values: Values; code: Uint8Array },
): TreeObject {
  const version = `GateVersion${createHash('sha256').update(code).digest('hex').slice(0, 12)}`;
  const named = JSON.parse(JSON.stringify(template).replaceAll('"GateVersion"', `"${version}"`)) as Tree;
  if (!isTreeObject(named)) throw new Error('infra/aws/elsewhere/gate.yml is no template');
  const defaults: Readonly<Record<string, string | undefined>> = {
    Portal: portal,
    HomeRegion: values['region'],
    CrlLifeDays: values['crlLifeDays'],
    GateMode: values['gateMode'] === '' ? undefined : values['gateMode'],
  };
  const parameters = isTreeObject(named['Parameters']) ? named['Parameters'] : {};
  const Parameters = Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]): [string, Tree] => {
      const given = defaults[name];
      return [
        name,
        given === undefined || !isTreeObject(parameter) ? parameter : { ...parameter, Default: given },
      ];
    }),
  );
  return { ...named, Parameters };
}
