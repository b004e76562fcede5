import { cpus } from 'node:os';
import { createColors } from 'picocolors';
import { versionOf } from './commands.ts';
import { verdictOf, type MeasuredRow, type Row, type Verdict } from './row.ts';

/** Three significant digits, whole numbers from 100 on. */
export const number = (value: number): string =>
  Number.isInteger(value) || Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)));

const goal = ({ better }: Row, value: number | null): string =>
  value === null ? '' : `${better === 'lower' ? '≤' : '≥'} ${number(value)}`;

const quantity = ({ value, unit }: Row): string =>
  unit === 'x' ? `${number(value)} ×` : `${number(value)} ${unit}`;

/** Each row as three lines, so that it fits a terminal of any width. */
export function printRows(
  rows: readonly MeasuredRow[],
  isColoured: boolean,
  write: (text: string) => void,
): void {
  const colour = createColors(isColoured);
  const paint: Readonly<Record<Verdict, (text: string) => string>> = {
    'aim met': colour.green,
    'must met': colour.green,
    'not met': colour.red,
    reported: colour.dim,
  };
  for (const row of rows) {
    const verdict = verdictOf(row);
    const goals = [
      row.must === null ? '' : `must ${goal(row, row.must)}`,
      row.aim === null ? '' : `aim ${goal(row, row.aim)}`,
    ];
    write(`${colour.bold(row.name)}  ${quantity(row)}  ${paint[verdict](verdict)}\n`);
    write(`  ${row.title}\n`);
    const facts = [goals.filter((text) => text !== '').join(', '), row.figures, row.peer ?? ''];
    write(colour.dim(`  ${facts.filter((text) => text !== '').join('; ')}\n`));
  }
}

/** What machines read: nothing but what is promised. */
export const jsonOf = (rows: readonly MeasuredRow[]): string =>
  JSON.stringify(
    rows.map(({ name, value, unit, better, must, aim, peer }) => ({
      name,
      value,
      unit,
      better,
      must,
      aim,
      peer,
    })),
  );

/** What was measured where, in a line. */
export function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  return `${processors.length} × ${model}, Node ${process.versions.node}, ${versionOf('openssl', 'version').replace(/ \(.*/, '')}`;
}

/** The table of docs/benchmarks.md. */
export function markdownOf(rows: readonly MeasuredRow[], measuredAt: Date): string {
  const lines = rows.map((row) =>
    [
      `\`${row.name}\``,
      row.title,
      row.peer ?? '',
      row.figures,
      `**${quantity(row)}**`,
      goal(row, row.must),
      goal(row, row.aim),
      verdictOf(row),
    ].join(' | '),
  );
  return [
    `Measured on ${measuredAt.toISOString().slice(0, 10)}: ${machine()}.`,
    '',
    '| name | measure | peer, same run | ours : peer | result | must | aim | |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines.map((line) => `| ${line} |`),
    '',
  ].join('\n');
}
