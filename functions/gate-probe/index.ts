import { gateSlice, gateVersionSlice, tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { gateProbeHandler } from './handler.ts';

const config = compose.configure({ table: tableSlice, gateVersion: gateVersionSlice, gate: gateSlice });
const observed = compose.observability();

export const handler = gateProbeHandler({
  ...observed,
  clock: compose.clock(),
  gatePolicy: config.gate,
  probeStore: compose.gateProbeStore(compose.table(config.table, observed)),
  gateUnderTest: compose.gateUnderTest(config.gateVersion),
  trafficShift: compose.trafficShift(),
});
