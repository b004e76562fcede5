import * as z from 'zod';
import { holdersView } from '../../shared/http/api/holders.ts';
import { endpointView } from '../../shared/http/api/administration.ts';
import { defineCommand } from '../command.ts';
import type { Columns } from '../export/columns.ts';
import { csvWriter, openOutput } from '../export/writer.ts';
import { usageFailure } from '../failure.ts';
import { apiPath, type PortalApi } from '../portal/api.ts';
import type { Screen } from '../terminal/screen.ts';
import { counted, dayOf, momentOf } from '../terminal/words.ts';
import type { World } from '../world.ts';

export type Holder = z.infer<typeof holdersView>['holders'][number];

export const ca = defineCommand({
  name: 'ca',
  audience: 'administrator',
  summary: 'list who still holds a certificate of a CA, for its rollover',
  notes: [
    'docs/ca-rollover.md says what to do with it. Neither revoked nor expired certificates are listed.',
  ],
  arguments: { WHAT: { words: 'what to show', choices: ['holders'] } },
  options: {
    ca: { value: 'ID', words: 'the CA; that of the only endpoint when absent' },
    csv: { value: 'FILE', words: 'write them to a file that only you can read' },
    force: { words: 'replace a file of that name' },
  },
  examples: ['ca holders --ca ca1', 'ca holders --ca ca1 --csv holders.csv'],
  async run({ world, screen, portal }, { ca: named, csv, force }) {
    const api = portal();
    const caId = named ?? (await onlyAuthority(api));
    const { caNotAfter, holders } = await allHolders(api, caId);
    const people = new Set(holders.map(({ personId }) => personId)).size;
    const file = csv === undefined ? undefined : writeCsv(world, csv, holders, force);
    if (file !== undefined) screen.done(`${counted(holders.length, 'certificate')} written to ${file}`);
    else if (holders.length === 0) screen.done(`Nobody holds a certificate of ${caId} any more`);
    else {
      printHolders(screen, holders);
      screen.line(
        `${counted(holders.length, 'certificate')} of ${people === 1 ? '1 person' : `${people} people`}; the last ends ${dayOf(lastEndOf(holders))}.`,
      );
    }
    screen.note(`${caId} itself ends ${dayOf(caNotAfter)}.`);
    const found = { caId, caNotAfter, people, certificates: holders.length };
    return file === undefined ? { ...found, holders } : { ...found, file };
  },
});

/** The names of columns are promised; none is renamed or moved. */
const HOLDER_COLUMNS: Columns<Holder> = {
  certificateId: ({ certificate }) => certificate.certificateId,
  personId: ({ personId }) => personId,
  login: ({ login }) => login,
  email: ({ email }) => email,
  isDenied: ({ isDenied }) => String(isDenied),
  deviceName: ({ certificate }) => certificate.deviceName,
  notAfter: ({ certificate }) => certificate.notAfter,
  lastUsedAt: ({ certificate }) => certificate.lastUsedAt,
};

/** @returns the file's path. @throws Failure where it must not be replaced or cannot be written */
function writeCsv(
  world: World,
  name: string,
  holders: readonly Holder[],
  isReplacing: boolean,
): string | undefined {
  const output = openOutput(world, name, { isReplacing });
  try {
    const writer = csvWriter(output, HOLDER_COLUMNS);
    for (const holder of holders) writer.write(holder);
    return output.finish();
  } finally {
    output.abandon();
  }
}

const lastEndOf = (holders: readonly Holder[]): string => holders.at(-1)?.certificate.notAfter ?? '';

/** @throws Failure where there are several, or none */
async function onlyAuthority(api: PortalApi): Promise<string> {
  const { endpoints } = await api.get(
    '/v1/admin/endpoints',
    z.object({ endpoints: z.array(z.object({ caId: endpointView.shape.caId })) }),
  );
  const ids = [...new Set(endpoints.map(({ caId }) => caId))];
  const [only] = ids;
  if (only === undefined) throw usageFailure('No endpoint is set up', 'name the CA with --ca');
  if (ids.length > 1) throw usageFailure('Which CA?', `give --ca and one of ${ids.join(', ')}`);
  return only;
}

/** Every page, those that end first coming first. */
async function allHolders(
  api: PortalApi,
  caId: string,
): Promise<{ caNotAfter: string; holders: readonly Holder[] }> {
  const holders: Holder[] = [];
  let query: Record<string, string> = {};
  for (;;) {
    const page = await api.get(apiPath`/v1/admin/ca/${caId}/holders`, holdersView, query);
    holders.push(...page.holders);
    if (page.nextCursor === undefined) return { caNotAfter: page.caNotAfter, holders };
    query = { cursor: page.nextCursor };
  }
}

function printHolders(screen: Screen, holders: readonly Holder[]): void {
  screen.table(
    ['ENDS', 'PERSON', 'CERTIFICATE', 'DEVICE', 'LAST USED'],
    holders.map(({ personId, login, email, isDenied, certificate }) => [
      dayOf(certificate.notAfter),
      `${email ?? login ?? personId}${isDenied ? ' (denied)' : ''}`,
      certificate.certificateId,
      certificate.deviceName,
      certificate.lastUsedAt === undefined ? 'never' : momentOf(certificate.lastUsedAt),
    ]),
  );
}
