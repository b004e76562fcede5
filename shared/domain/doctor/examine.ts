import { decideAccess } from '../access.ts';
import type { PortalFacts } from './facts.ts';
import { inOrder, type Finding } from './finding.ts';
import { clientsAreJudgedByOurCa, serverCertificateServes } from './rules/certificates.ts';
import {
  authenticationIsMutual,
  endpointIsRegistered,
  endpointIsUp,
  sessionsEnd,
  signInIsCompared,
  thereIsAnEndpoint,
} from './rules/endpoint.ts';
import {
  accountHasRoom,
  caKeySigns,
  sourcesHaveSecrets,
  stackIsWhole,
  tableIsSafe,
} from './rules/foundations.ts';
import { gateDecides, gateEnforces, gateIsWired, gateRuns } from './rules/gate.ts';
import { listIsComplete, listIsOursAndLives, listIsTheRecordedOne } from './rules/list.ts';
import { clocksAgree, everythingIsSeen } from './rules/looking.ts';
import type { EndpointRule, PortalRule } from './rules/rule.ts';
import { networksAreAuthorized } from './rules/networks.ts';
import { sourcesNameHolders } from './rules/sources.ts';
import { alarmsWatch, holdersAreTold, somebodyIsTold } from './rules/watching.ts';
import {
  incidentsAreDecided,
  journalAgrees,
  leaversAreWorkedOff,
  noWorkIsGivenUp,
  publisherComes,
} from './rules/work.ts';

/** A certificate id that no random number will be, in a common name that is nobody's. */
export const NOBODYS_COMMON_NAME = '0000000000000000.doctor';

const refusal = decideAccess(
  { commonName: NOBODYS_COMMON_NAME, endpointId: '', at: 0 },
  undefined,
  undefined,
);

const ENDPOINT_RULES: readonly EndpointRule[] = [
  endpointIsUp,
  authenticationIsMutual,
  signInIsCompared,
  networksAreAuthorized,
  clientsAreJudgedByOurCa,
  serverCertificateServes,
  gateRuns,
  gateDecides(refusal.allowed ? '' : refusal.words),
  listIsOursAndLives,
  gateIsWired,
  gateEnforces,
  listIsTheRecordedOne,
  listIsComplete,
  endpointIsRegistered,
  publisherComes,
  sessionsEnd,
  caKeySigns,
];

const PORTAL_RULES: readonly PortalRule[] = [
  thereIsAnEndpoint,
  stackIsWhole,
  tableIsSafe,
  journalAgrees,
  leaversAreWorkedOff,
  noWorkIsGivenUp,
  incidentsAreDecided,
  sourcesHaveSecrets,
  sourcesNameHolders,
  accountHasRoom,
  alarmsWatch,
  somebodyIsTold,
  holdersAreTold,
  everythingIsSeen,
  clocksAgree,
];

/** Every rule over what was seen, in the order in which somebody has to care. */
export const examine = (facts: PortalFacts): Finding[] =>
  inOrder([
    ...facts.endpoints.flatMap((endpoint) => ENDPOINT_RULES.flatMap((rule) => rule(endpoint, facts))),
    ...PORTAL_RULES.flatMap((rule) => rule(facts)),
  ]);
