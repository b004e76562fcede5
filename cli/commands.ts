import type { Command } from './command.ts';
import { audit } from './commands/audit.ts';
import { ca } from './commands/ca.ts';
import { certificates, profile, revoke } from './commands/certificates.ts';
import { checklist } from './commands/checklist.ts';
import { doctor } from './commands/doctor.ts';
import { enrol } from './commands/enrol.ts';
import { exportRecords } from './commands/export.ts';
import { event } from './commands/event.ts';
import { init } from './commands/init.ts';
import { gate } from './commands/gate.ts';
import { decide, incident, incidents } from './commands/incidents.ts';
import { leavers } from './commands/leavers.ts';
import { offboarding, offboardings } from './commands/offboardings.ts';
import { hold, offboard, reinstate } from './commands/orders.ts';
import { cancelPlan } from './commands/planned.ts';
import { uninstall } from './commands/uninstall.ts';
import { certificate, find, person, why } from './commands/people.ts';
import { reconcile, reconciliation } from './commands/reconciliation.ts';
import { endpoints, publish } from './commands/publication.ts';
import { status } from './commands/status.ts';
import { expectLeavers, source, sources } from './commands/sources.ts';
import { redrive } from './commands/redrive.ts';
import { replay } from './commands/replay.ts';
import { report } from './commands/report.ts';
import { renew } from './commands/renew.ts';
import { login, logout, whoami } from './commands/session.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  login,
  logout,
  whoami,
  enrol,
  certificates,
  profile,
  renew,
  revoke,
  status,
  doctor,
  checklist,
  find,
  person,
  certificate,
  why,
  offboard,
  hold,
  reinstate,
  leavers,
  offboardings,
  offboarding,
  cancelPlan,
  incidents,
  incident,
  decide,
  sources,
  source,
  expectLeavers,
  reconcile,
  reconciliation,
  endpoints,
  publish,
  report,
  audit,
  exportRecords,
  ca,
  init,
  gate,
  redrive,
  replay,
  uninstall,
  event,
];
