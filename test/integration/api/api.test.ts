import { startApiStack, type ApiStack } from '../../support/api-stack.ts';
import { administrationWorks } from './administration.suite.ts';
import { issuingIsLimited } from './issuance.suite.ts';
import { ownCertificatesAreOwn } from './own-certificates.suite.ts';
import { publicDocumentsAreRight } from './public-documents.suite.ts';
import { renewalWorks } from './renewal.suite.ts';
import { bodiesAreChecked } from './requests.suite.ts';
import { directoriesProvision } from './scim.suite.ts';
import { directoryIsCompared, surgesAreHeld } from './sources.suite.ts';
import { whoAsksIsChecked } from './tokens.suite.ts';
import { webhooksAreChecked } from './webhook.suite.ts';

/*
 * The whole API over HTTP on the real local stack: one stack for all, since a start costs seconds; every test has
 * people of its own.
 */

let stack: ApiStack;
const api = (): ApiStack => stack;
beforeAll(async () => {
  stack = await startApiStack({ wakes: false });
}, 60_000);
afterEach(() => stack.assertNothingSecretLogged());
afterAll(() => stack.close());

publicDocumentsAreRight(api);
whoAsksIsChecked(api);
bodiesAreChecked(api);
ownCertificatesAreOwn(api);
issuingIsLimited(api);
renewalWorks(api);
webhooksAreChecked(api);
administrationWorks(api);
directoriesProvision(api);
directoryIsCompared(api);
surgesAreHeld(api);
