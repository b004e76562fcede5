import { durationOf, momentOf } from '../terminal/words.ts';
import { STEPS, type Report } from './figures.ts';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}' +
  'table{border-collapse:collapse;width:100%;margin:1rem 0}caption{text-align:left;font-weight:bold}' +
  'th,td{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left}td.n,th.n{text-align:right}';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const text = (raw: string): string => raw.replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter);
const took = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? '–' : durationOf(milliseconds);

const table = (caption: string, headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `<table><caption>${text(caption)}</caption><thead><tr>`,
    ...headings.map((one) => `<th scope="col">${text(one)}</th>`),
    '</tr></thead><tbody>',
    ...rows.map((row) => `<tr>${row.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`),
    '</tbody></table>',
  ].join('');

const unresolvedTable = (unresolved: Report['unresolved']): string =>
  unresolved.length === 0
    ? ''
    : table(
        'Unresolved: events that are not surely one person’s yet',
        ['Since', 'Source', 'Said', 'State', 'Incident'],
        unresolved.map((one) => [momentOf(one.openedAt), one.source, one.kind, 'unresolved', one.incidentId]),
      );

/** One page that needs nothing but a browser: no script, and nothing from elsewhere. */
export function reportPage({
  month,
  madeAt,
  leavers,
  spreads,
  states,
  unresolved,
  breakGlass,
  unreadable,
}: Report): string {
  const measured = STEPS.map((step) => {
    const spread = spreads[step];
    return [
      `received → ${step}`,
      String(spread?.count ?? 0),
      took(spread?.p50),
      took(spread?.p95),
      took(spread?.max),
    ];
  });
  const counted = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  const broken =
    unreadable.length === 0
      ? ''
      : `<p>Not in it, since they cannot be read: ${text(unreadable.join(', '))}</p>`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<title>Offboardings of ${text(month)}</title><style>${STYLE}</style></head><body>`,
    `<h1>Offboardings of ${text(month)}</h1>`,
    `<p>Made ${text(momentOf(madeAt))}. ${leavers.length} in all${counted.length === 0 ? '' : `: ${text(counted.join(', '))}`}.</p>`,
    broken,
    table('How long it took', ['Step', 'Count', 'Median', '95th percentile', 'Longest'], measured),
    `<h2>Whom no source may deny</h2><p>${breakGlass.length === 0 ? 'Nobody is on the break-glass list.' : text(breakGlass.join(' '))}</p>`,
    unresolvedTable(unresolved),
    table(
      'Each of them',
      ['Received', 'Person', 'Source', 'Kind', 'State', 'Denied', 'Cut', 'Published', 'Connections ended'],
      leavers.map((one) => [
        one.receivedAt === '' ? '' : momentOf(one.receivedAt),
        one.personId,
        one.source,
        one.kind,
        one.state,
        ...STEPS.map((step) => took(one.after[step])),
        String(one.terminatedConnections),
      ]),
    ),
    '</body></html>\n',
  ].join('\n');
}
