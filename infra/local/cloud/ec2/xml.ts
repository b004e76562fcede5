/** What an answer is made of; an array becomes `item` elements, as everywhere in EC2. Undefined is left out. */
export type XmlValue =
  string | number | boolean | undefined | readonly XmlValue[] | { readonly [element: string]: XmlValue };

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Characters that XML 1.0 cannot carry at all become U+FFFD; a carriage return must be escaped to survive. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll(/[&<>"]/g, (character) => ESCAPES[character] ?? character)
    .replaceAll('\r', '&#xD;');

function element(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return `<${name}>${escaped(String(value))}</${name}>`;
  const inner = Array.isArray(value)
    ? value.map((item: XmlValue) => element('item', item))
    : Object.entries(value).map(([child, content]: [string, XmlValue]) => element(child, content));
  return `<${name}>${inner.join('')}</${name}>`;
}

export const answerXml = (action: string, requestId: string, body: Record<string, XmlValue>): string =>
  DECLARATION +
  element(`${action}Response`, { requestId, ...body }).replace(
    `<${action}Response>`,
    `<${action}Response xmlns="${NAMESPACE}">`,
  );

export const errorXml = (requestId: string, code: string, message: string): string =>
  `${DECLARATION}<Response><Errors><Error><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message>` +
  `</Error></Errors><RequestID>${requestId}</RequestID></Response>`;
