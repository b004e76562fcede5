import { awsCure } from '../cures.ts';
import { broken, warning, well } from '../finding.ts';
import { counted, firstOf } from '../words.ts';
import type { EndpointRule } from './rule.ts';

/** People may go where the endpoint can send them. */
export const networksAreAuthorized: EndpointRule = ({ endpointId, networks }, { place }) => {
  if (networks === undefined) return [];
  const { authorizedCidrs, routedCidrs } = networks.value;
  const cure = awsCure(
    place,
    'let people go there; put your own network in the place of CIDR',
    `ec2 authorize-client-vpn-ingress --client-vpn-endpoint-id ${endpointId} --target-network-cidr CIDR --authorize-all-groups`,
  );
  if (authorizedCidrs.length === 0) {
    return [
      broken(
        { code: 'nothingAuthorized', impact: 'connect' },
        {
          seen: `${endpointId} has no authorization rule`,
          why: 'People connect and reach nothing.',
          cure,
        },
      ),
    ];
  }
  const shut = routedCidrs.filter((route) => !authorizedCidrs.some((rule) => overlap(route, rule)));
  if (shut.length > 0) {
    return [
      warning(
        { code: 'networkNotAuthorized', impact: 'connect' },
        {
          seen: `no authorization rule for ${firstOf(shut)}, where the endpoint has a route`,
          why: 'Whoever connects cannot reach it.',
          cure,
        },
      ),
    ];
  }
  const words = `${counted(authorizedCidrs.length, 'authorization rule')} for ${counted(routedCidrs.length, 'route')}`;
  return [well({ code: 'networksAuthorized', impact: 'connect' }, words)];
};

/** Whether one IPv4 network holds the other, as two networks do that meet at all. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [parsed(one), parsed(other)];
  // What is no IPv4 network is not judged.
  if (a === undefined || b === undefined) return true;
  const shift = 32 - Math.min(a.bits, b.bits);
  return Math.floor(a.address / 2 ** shift) === Math.floor(b.address / 2 ** shift);
}

function parsed(cidr: string): { address: number; bits: number } | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  return { address: ((a * 256 + b) * 256 + c) * 256 + d, bits };
}
