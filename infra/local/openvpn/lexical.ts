/** OpenVPN's limit for one parameter is 256 octets with the closing NUL; some are kept free. */
const PARAMETER_OCTETS = 240;

/**
 * Quotes a text as one parameter for OpenVPN's configuration and management lexer, which are the same.
 * Control characters, a line feed above all, would start another command: they become spaces.
 *
 * @param maxOctets of UTF-8; what is longer is cut between characters
 */
export function quoted(text: string, maxOctets = PARAMETER_OCTETS): string {
  const clean = cut(text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' '), maxOctets);
  return `"${clean.replaceAll(/["\\]/g, '\\$&')}"`;
}

function cut(text: string, maxOctets: number): string {
  let kept = '';
  let octets = 0;
  for (const character of text) {
    octets += Buffer.byteLength(character);
    if (octets > maxOctets) break;
    kept += character;
  }
  return kept;
}

/** An inline file of a configuration: `<tag>` … `</tag>`. */
export const inlineFile = (tag: string, text: string): string => `<${tag}>\n${text.trimEnd()}\n</${tag}>`;
