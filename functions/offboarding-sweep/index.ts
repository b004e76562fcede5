import * as compose from '../composition.ts';
import { offboardingSweepHandler } from './handler.ts';

const config = compose.configure(compose.RECEIVING);
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = offboardingSweepHandler({
  ...compose.receiving(config, store, observed),
  certificates: compose.certificates(store),
  revocations: compose.revocations(store),
});
