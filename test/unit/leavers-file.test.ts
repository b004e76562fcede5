import { readLeaversFile, MOST_LEAVERS, type LeaversFile } from '../../shared/domain/leavers-file.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const HEADING = 'aliasKind,alias,kind,lastDay,eventTime';
const read = (text: string | Uint8Array): LeaversFile =>
  readLeaversFile(typeof text === 'string' ? Buffer.from(text) : text, NOW);
const linesOf = (text: string): object[] => {
  const file = read(text);
  if (file.kind === 'refused') throw new Error(JSON.stringify(file.faults));
  return file.lines.map(({ line, alias, kind, ...rest }) => ({ line, who: alias.value, kind, ...rest }));
};
const faultsOf = (text: string | Uint8Array): string[] => {
  const file = read(text);
  return file.kind === 'read' ? [] : file.faults.map(({ line, words }) => `${line}: ${words}`);
};

describe('a leavers file', () => {
  it('names people, what became of them, the last day and when it happened', () => {
    const text = `${HEADING}\nemail,Alice@Example.com,left,2026-12-31,\nlogin,bob,suspended,,2026-11-22T09:00:00+01:00\nemployeeNumber,1001,returned,,\n`;
    expect(linesOf(text)).toEqual([
      { line: 2, who: 'alice@example.com', kind: 'left', lastDay: '2026-12-31' },
      { line: 3, who: 'bob', kind: 'suspended', eventTime: Date.UTC(2026, 10, 22, 8) },
      { line: 4, who: '1001', kind: 'returned' },
    ]);
  });

  it.each([
    ['a byte order mark', `\uFEFF${HEADING}\nlogin,bob,left,,\n`],
    ['lines that end as on Windows', `${HEADING}\r\nlogin,bob,left,,\r\n`],
    ['no end of its last line', `${HEADING}\nlogin,bob,left,,`],
    ['semicolons', 'aliasKind;alias;kind\nlogin;bob;left\n'],
    ['quotes', '"aliasKind","alias","kind"\n"login","bob","left"\n'],
    ['columns in another order and case', 'KIND,Alias,aliaskind\nleft,bob,login\n'],
    ['spaces around a cell', `${HEADING}\nlogin, bob ,left,,\n`],
    ['empty lines at its end', `${HEADING}\nlogin,bob,left,,\n\n\r\n`],
  ])('may have %s', (_, text) => {
    expect(linesOf(text)).toEqual([{ line: 2, who: 'bob', kind: 'left' }]);
  });

  it('may name people by columns that are called as a kind of name, one in each line', () => {
    const text = 'Email;EmployeeNumber;kind\nAlice@Example.com;;left\n;1001;suspended\n';
    expect(linesOf(text)).toEqual([
      { line: 2, who: 'alice@example.com', kind: 'left' },
      { line: 3, who: '1001', kind: 'suspended' },
    ]);
    expect(linesOf('login,kind\nbob,left\n')).toEqual([{ line: 2, who: 'bob', kind: 'left' }]);
  });

  it('knows its lines also behind a cell that has several, and a quote in a cell', () => {
    const faults = faultsOf(`${HEADING}\nlogin,"a\nb",left,,\nlogin,"say ""bob""",gone,,\n`);
    expect(faults).toEqual(['2: alias is no login', '4: kind is none of left, suspended, returned']);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['nothing', '', '1: the file is empty'],
    ['nobody', `${HEADING}\n`, '1: the file names nobody'],
    ['Latin-1', Buffer.from(`${HEADING}\nlogin,J\xfcrgen,left,,\n`, 'latin1'), '1: the file is not UTF-8'],
    ['UTF-16', Buffer.from(`\uFEFF${HEADING}\n`, 'utf16le'), '1: the file is not UTF-8'],
    ['more than 1 MiB', Buffer.alloc(1024 * 1024 + 1, 'a'), '1: the file has more than 1 MiB'],
    ['an unknown column', 'aliasKind,alias,kind,salary\n', '1: a column is none of'],
    ['a column twice', 'aliasKind,alias,alias,kind\n', '1: the column alias stands twice'],
    ['a column less', 'aliasKind,alias\n', '1: the column kind is missing'],
    ['names without their kind', 'alias,kind\nbob,left\n', '1: the column aliasKind is missing'],
    ['nobody named', 'kind,lastDay\nleft,\n', '1: no column names people'],
    ['names in two ways', 'alias,email,kind\n', '1: the columns alias and email both name people'],
    [
      'two names in a line',
      'email,employeeNumber,kind\na@x.com,1001,left\n',
      '2: email and employeeNumber both name',
    ],
    ['no name in a line', 'email,login,kind\n, ,left\n', '2: nobody is named in email, login'],
    ['a name in the column of another kind', 'email,kind\n1001,left\n', '2: email is no email'],
    ['a formula in such a column', 'employeeNumber,kind\n=1+1,left\n', '2: employeeNumber begins like'],
    ['a cell too many', `${HEADING}\nlogin,bob,left,,,\n`, '2: 5 cells are needed'],
    ['a cell too few', `${HEADING}\nlogin,bob,left\n`, '2: 5 cells are needed'],
    ['cells without content', `${HEADING}\n,,,,\n`, '2: aliasKind is none of'],
    ['another kind of alias', `${HEADING}\nphone,1,left,,\n`, '2: aliasKind is none of'],
    ['an e-mail without a domain', `${HEADING}\nemail,bob,left,,\n`, '2: alias is no email'],
    ['two addresses in a cell', `${HEADING}\nemail,a@x.com b@x.com,left,,\n`, '2: alias is no email'],
    ['a control character', `${HEADING}\nlogin,b\u0007b,left,,\n`, '2: alias is no login'],
    ['another word', `${HEADING}\nlogin,bob,fired,,\n`, '2: kind is none of'],
    ['a day that is none', `${HEADING}\nlogin,bob,left,2026-02-30,\n`, '2: lastDay is no day'],
    ['a day as people write it', `${HEADING}\nlogin,bob,left,31.12.2026,\n`, '2: lastDay is no day'],
    [
      'a day too far off',
      `${HEADING}\nlogin,bob,left,2062-12-31,\n`,
      '2: lastDay is more than ten years off',
    ],
    [
      'a last day of who returns',
      `${HEADING}\nlogin,bob,returned,2026-12-31,\n`,
      '2: lastDay goes with left',
    ],
    ['a time without a zone', `${HEADING}\nlogin,bob,left,,2026-11-22T09:00:00\n`, '2: eventTime is no time'],
    ['a time to come', `${HEADING}\nlogin,bob,left,,2026-11-22T12:06:00Z\n`, '2: eventTime is before 2000'],
    ['a formula', `${HEADING}\nlogin,"=HYPERLINK(""x"")",left,,\n`, '2: alias begins like a formula'],
    ['a formula behind a space', `${HEADING}\nlogin, +1,left,,\n`, '2: alias begins like a formula'],
    [
      'a person twice',
      `${HEADING}\nlogin,bob,left,,\nlogin,BOB,returned,,\n`,
      '3: the same person stands in line 2',
    ],
    ['an open quote', `${HEADING}\nlogin,"bob,left,,\n`, '2: a quoted cell has no closing quote'],
    ['a quote in a bare cell', `${HEADING}\nlogin,b"ob,left,,\n`, '2: a quote stands in a cell'],
    [
      'letters behind a quote',
      `${HEADING}\nlogin,"bob"x,left,,\n`,
      '2: something stands behind a closing quote',
    ],
    ['old ends of lines', `${HEADING}\rlogin,bob,left,,\r`, '1: a line ends with a carriage return alone'],
    [
      'too many people',
      `${HEADING}\n${Array.from({ length: MOST_LEAVERS + 1 }, (_, at) => `login,p${at},left,,`).join('\n')}`,
      `${MOST_LEAVERS + 2}: more than ${MOST_LEAVERS} people`,
    ],
  ])('is refused as a whole with %s', (_, text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringContaining(fault)]);
  });

  it('is told of every line that is wrong, and of nobody’s name', () => {
    const faults = faultsOf(`${HEADING}\nlogin,bob,fired,,\nlogin,carol,left,,\nlogin,dave,gone,,\n`);
    expect(faults.map((fault) => fault.split(':')[0])).toEqual(['2', '4']);
    expect(faults.join()).not.toMatch(/bob|dave|fired/);
  });

  it('is the same file by its octets', () => {
    const [one, other] = [read(`${HEADING}\nlogin,bob,left,,\n`), read(`${HEADING}\nlogin,bob,left,,\r\n`)];
    expect(one).toMatchObject({ sha256Hex: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(one).not.toMatchObject({ sha256Hex: other.kind === 'read' ? other.sha256Hex : '' });
  });
});
