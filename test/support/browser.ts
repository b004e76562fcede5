/** A page as a browser that follows redirects and keeps cookies would show it. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
}

/** The smallest browser that can sign in: cookies, redirects, and one form per page. */
export function createBrowser() {
  const cookies = new Map<string, string>();

  async function request(url: string, form?: Record<string, string>): Promise<Page> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const html = await response.text();
    const location = response.headers.get('location');
    if (location !== null) return request(new URL(location, url).href);
    return { url, status: response.status, html };
  }

  return {
    open: (url: string) => request(url),
    /** Sends the page's form with its hidden fields, and what is filled in or pressed. */
    submit(page: Page, filled: Record<string, string> = {}): Promise<Page> {
      const action = /<form[^>]*action="([^"]*)"/.exec(page.html)?.[1];
      if (action === undefined) throw new Error(`no form on ${page.url}: ${page.html}`);
      const hidden = page.html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
      const fields = Object.fromEntries([...hidden].map(([, name = '', value = '']) => [name, value]));
      return request(new URL(action, page.url).href, { ...fields, ...filled });
    },
  };
}

/** Approves a device code as a person would in a browser, RFC 8628 section 3.3.1. @returns the last page */
export async function approveDevice(verificationUriComplete: string, name: string): Promise<Page> {
  const browser = createBrowser();
  const confirm = await browser.submit(await browser.open(verificationUriComplete));
  const people = await browser.submit(confirm, { confirm: 'yes' });
  return browser.submit(people, { name });
}
