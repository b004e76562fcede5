import type { EndpointFacts, PortalFacts } from '../facts.ts';
import type { Finding } from '../finding.ts';

/** Judges what was seen of one endpoint; says nothing of what was not seen. */
export type EndpointRule = (endpoint: EndpointFacts, portal: PortalFacts) => Finding[];

/** Judges what was seen beside the endpoints. */
export type PortalRule = (portal: PortalFacts) => Finding[];
