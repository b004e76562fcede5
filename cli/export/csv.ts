/** What a cell can hold; a list becomes words with spaces between. */
export type CellValue = string | number | readonly string[] | undefined;

/** A spreadsheet would take a cell that begins so for a formula, or skip what comes before one. */
const FORMULA = /^[=+\-@\t\r\n]/;

/**
 * One cell of RFC 4180. What a spreadsheet could take for a formula begins with an apostrophe: names of devices and
 * people's own words are in these files.
 */
export function csvCell(value: CellValue): string {
  const text = value === undefined ? '' : typeof value === 'object' ? value.join(' ') : String(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** One line with its end (RFC 4180 section 2). */
export const csvLine = (cells: readonly CellValue[]): string => `${cells.map(csvCell).join(',')}\r\n`;
