import type { LocalPerson } from './people.ts';

/** Content-Security-Policy of every page: nothing but the page itself. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:28rem;margin:4rem auto;padding:0 1rem}' +
  'button{display:block;width:100%;margin:.5rem 0;padding:.6rem;font:inherit;text-align:left}' +
  'code{font-size:1.5em}small{color:#555}';

/** One page of the provider. @param bodyHtml already HTML */
export const page = (title: string, bodyHtml: string): string =>
  '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">' +
  '<meta name="viewport" content="width=device-width, initial-scale=1">' +
  `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>` +
  `<body><h1>${escapeHtml(title)}</h1>${bodyHtml}</body></html>`;

/** A button per person; no password, since this provider is for one's own machine. */
export const signInPage = (action: string, people: readonly LocalPerson[]): string =>
  page(
    'Sign in',
    `<form method="post" action="${escapeHtml(action)}">${people.map(personButton).join('')}</form>` +
      '<p><small>The local OpenID provider: it asks for no password.</small></p>',
  );

const personButton = ({ name, email, groups, roles }: LocalPerson): string =>
  `<button name="name" value="${escapeHtml(name)}">${escapeHtml(name)} ` +
  `<small>${escapeHtml([email, ...groups, ...roles].join(', '))}</small></button>`;

/** @param formHtml oidc-provider's form, whose text field takes the code */
export const deviceCodePage = (formHtml: string, wrong: boolean): string =>
  page(
    'Sign in a device',
    `<p>${wrong ? 'That code is not valid. ' : ''}Enter the code that your terminal shows.</p>` +
      `${formHtml}<button form="op.deviceInputForm">Continue</button>`,
  );

/** @param formHtml oidc-provider's form, without its button */
export const deviceConfirmPage = (formHtml: string, userCode: string): string =>
  page(
    'Sign in a device',
    `<p>Does your terminal show this code?</p><p><code>${escapeHtml(userCode)}</code></p>${formHtml}` +
      '<button form="op.deviceConfirmForm">Yes, continue</button>' +
      '<button form="op.deviceConfirmForm" name="abort" value="yes">No, stop</button>',
  );

export const escapeHtml = (text: string): string =>
  text.replace(/[<>&"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
