import * as z from 'zod';
import { isCaId } from '../../shared/domain/endpoint.ts';
import { clientCidrBlock, endpointIdOrLater } from './endpoint-place.ts';
import { isBrought, wordsOf, type Values } from './values.ts';

/*
 * A deployment may have several CAs, each with an endpoint, a key and a server certificate of its own: a rollover is two
 * of them side by side. The first is `caId`, whose endpoint the other parameters describe; the others are named here.
 */

/** A CA beside the first: its name, and its endpoint's client addresses or, where endpoints are brought, the endpoint. */
export interface FurtherAuthority {
  readonly caId: string;
  readonly place: string;
}

/** `ca2=10.101.0.0/16`. */
export const furtherAuthority = z.string().transform((word, context): FurtherAuthority => {
  const equals = word.indexOf('=');
  const [caId, place] = [word.slice(0, equals), word.slice(equals + 1)];
  const isPlace = [clientCidrBlock, endpointIdOrLater].some((schema) => schema.safeParse(place).success);
  if (equals > 0 && isCaId(caId) && isPlace) return { caId, place };
  context.addIssue(
    `"${word}" is no CA: its name and its endpoint's client addresses, such as ca2=10.101.0.0/16`,
  );
  return z.NEVER;
});

export const furtherAuthoritiesOf = ({ furtherAuthorities = '' }: Values): FurtherAuthority[] =>
  wordsOf(furtherAuthorities).map((word) => furtherAuthority.parse(word));

/** Every CA of the deployment, the first first. */
export const caIdsOf = (values: Values): string[] => [
  values['caId'] ?? '',
  ...furtherAuthoritiesOf(values).map(({ caId }) => caId),
];

/** Whether the endpoint of a CA is gone, and its key alone is kept. */
export const isEnded = ({ endedCaIds = '' }: Values, caId: string | undefined): boolean =>
  wordsOf(endedCaIds).includes(caId ?? '');

/** The CAs that have an endpoint, in the order in which they issue. */
export function issuingCaIdsOf(values: Values): string[] {
  const { issuingCaId = '' } = values;
  const all = caIdsOf(values).filter((caId) => !isEnded(values, caId));
  return [...new Set([...(issuingCaId === '' ? [] : [issuingCaId]), ...all])];
}

/** What stands behind the logical ids of a CA's resources: `OfCa2` for `ca2`, nothing for the first. */
export const suffixOf = (values: Values, caId: string): string =>
  caId === values['caId']
    ? ''
    : `Of${caId
        .split('-')
        .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
        .join('Dash')}`;

/** The suffixes of every CA, and of those that have an endpoint. */
export const suffixesOf = (values: Values): { readonly all: string[]; readonly withEndpoint: string[] } => ({
  all: caIdsOf(values).map((caId) => suffixOf(values, caId)),
  withEndpoint: caIdsOf(values)
    .filter((caId) => !isEnded(values, caId))
    .map((caId) => suffixOf(values, caId)),
});

/** What does not go together, though each is right by itself. */
export function authorityFaults(values: Values): string[] {
  const further = furtherAuthoritiesOf(values);
  const all = caIdsOf(values);
  const known = (caId: string): boolean => all.includes(caId);
  const { issuingCaId = '', endedCaIds = '' } = values;
  const twice = all.filter((caId, index) => all.indexOf(caId) !== index);
  return [
    ...twice.map((caId) => `furtherAuthorities names ${caId} a second time: each CA has a name of its own`),
    ...further.flatMap(({ caId, place }) => placeFaults(values, caId, place)),
    ...overlaps(values),
    ...(issuingCaId !== '' && (!known(issuingCaId) || isEnded(values, issuingCaId))
      ? [`issuingCaId says ${issuingCaId}, which has no endpoint here. There are: ${all.join(', ')}`]
      : []),
    ...wordsOf(endedCaIds)
      .filter((caId) => !known(caId))
      .map((caId) => `endedCaIds names ${caId}, which is no CA here. There are: ${all.join(', ')}`),
    ...(all.every((caId) => isEnded(values, caId)) ? ['endedCaIds leaves no CA that has an endpoint'] : []),
  ];
}

function placeFaults(values: Values, caId: string, place: string): string[] {
  const isNetwork = place.includes('/');
  if (isNetwork && isBrought(values)) {
    return [
      `furtherAuthorities gives ${caId} client addresses, and with endpointId endpoints are yours to make: ${caId}=later`,
    ];
  }
  return isNetwork || isBrought(values)
    ? []
    : [
        `furtherAuthorities gives ${caId} an endpoint of yours, and the first one is made here: ${caId}=10.101.0.0/16`,
      ];
}

/** Client addresses of two endpoints that overlap cannot be routed back. */
function overlaps(values: Values): string[] {
  if (isBrought(values)) return [];
  const blocks = [
    { caId: values['caId'] ?? '', place: values['clientCidrBlock'] ?? '' },
    ...furtherAuthoritiesOf(values),
  ].filter(({ place }) => place.includes('/'));
  return blocks.flatMap((one, index) =>
    blocks
      .slice(index + 1)
      .filter((other) => doOverlap(one.place, other.place))
      .map(
        (other) =>
          `the client addresses of ${one.caId} and ${other.caId} overlap: ${one.place}, ${other.place}`,
      ),
  );
}

function doOverlap(a: string, b: string): boolean {
  const [networkA = '', bitsA = ''] = a.split('/');
  const [networkB = '', bitsB = ''] = b.split('/');
  const size = 2 ** (32 - Math.min(Number(bitsA), Number(bitsB)));
  return Math.floor(numberOf(networkA) / size) === Math.floor(numberOf(networkB) / size);
}

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
