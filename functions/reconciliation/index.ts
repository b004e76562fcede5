import { directorySlice, reconciliationSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { reconciliationHandler } from './handler.ts';

const config = compose.configure({
  ...compose.RECEIVING,
  directory: directorySlice,
  reconciliation: reconciliationSlice,
});
const observed = compose.observability();
const store = compose.table(config.table, observed);
const configured = compose.directory(config.directory);

export const handler = reconciliationHandler({
  ...compose.receiving(config, store, observed),
  certificates: compose.certificates(store),
  reconciliations: compose.reconciliations(store),
  directory: configured?.directory,
  reconciliation: {
    ...config.reconciliation,
    names: new Set((configured?.names ?? []).map(({ kind }) => kind)),
  },
});
