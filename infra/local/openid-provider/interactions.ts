import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Configuration, Provider } from 'oidc-provider';
import { escapeHtml, deviceCodePage, deviceConfirmPage, page, PAGE_POLICY, signInPage } from './pages.ts';
import type { LocalPerson } from './people.ts';
import { API_RESOURCE } from './tokens.ts';

const SIGN_IN_PATH = '/sign-in/';

/** Where oidc-provider sends a browser that has to sign in. */
export const interactionUrl = (uid: string): string => `${SIGN_IN_PATH}${uid}`;

export const isSignIn = (request: IncomingMessage): boolean => request.url?.startsWith(SIGN_IN_PATH) === true;

/** Shows the people, and lets the browser on as the one whose button was pressed. */
export async function signIn(
  provider: Provider,
  people: readonly LocalPerson[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response);
  const chosen =
    request.method === 'POST' ? new URLSearchParams(await bodyOf(request)).get('name') : undefined;
  // Somebody who signed in before and only has to consent is not asked who she is.
  const person = people.find(({ name, sub }) =>
    interaction.prompt.name === 'consent' ? sub === interaction.session?.accountId : name === chosen,
  );
  if (person === undefined) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...pageHeaders });
    response.end(signInPage(interactionUrl(interaction.uid), people));
    return;
  }
  const grantId = await grantAll(provider, person, interaction.params);
  await provider.interactionFinished(
    request,
    response,
    { login: { accountId: person.sub }, consent: { grantId } },
    { mergeWithLastSubmission: false },
  );
}

/** Grants what was asked and the person may have, and records a refusal of the rest, so that nobody is asked. */
async function grantAll(
  provider: Provider,
  person: LocalPerson,
  params: Readonly<Record<string, unknown>>,
): Promise<string> {
  const grant = new provider.Grant({ accountId: person.sub, clientId: String(params['client_id']) });
  const asked = typeof params['scope'] === 'string' ? params['scope'].split(' ') : [];
  grant.addOIDCScope('openid offline_access email profile');
  grant.addResourceScope(API_RESOURCE, person.scopes.join(' '));
  const refused = asked.filter((scope) => !person.scopes.includes(scope));
  if (refused.length > 0) grant.rejectResourceScope(API_RESOURCE, refused.join(' '));
  return grant.save();
}

/** The pages of the device flow, RFC 8628 section 3.3. */
export const devicePages: NonNullable<NonNullable<Configuration['features']>['deviceFlow']> = {
  enabled: true,
  mask: '****-****',
  userCodeInputSource(ctx, form, out, error) {
    ctx.set(pageHeaders);
    ctx.body = deviceCodePage(form, out !== undefined || error !== undefined);
  },
  userCodeConfirmSource(ctx, form, _client, _deviceInfo, userCode) {
    ctx.set(pageHeaders);
    ctx.body = deviceConfirmPage(form, userCode);
  },
  successSource(ctx) {
    ctx.set(pageHeaders);
    ctx.body = page('Signed in', '<p>You can close this page and go back to your terminal.</p>');
  },
};

/** `renderError` of oidc-provider. */
export const errorPage: NonNullable<Configuration['renderError']> = (
  ctx,
  { error, error_description: words },
) => {
  ctx.type = 'html';
  ctx.set(pageHeaders);
  ctx.body = page('Sign-in failed', `<p>${escapeHtml(words ?? error)}</p>`);
};

const pageHeaders = { 'content-security-policy': PAGE_POLICY, 'cache-control': 'no-store' };

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    body += chunk.toString('utf8');
    if (body.length > 4096) throw new Error('a sign-in form is not that long');
  }
  return body;
}
