import { tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { publicHandler } from './handler.ts';

const config = compose.configure({ table: tableSlice });
const observed = compose.observability();
const store = compose.table(config.table, observed);

export const handler = publicHandler({
  ...observed,
  endpoints: compose.endpoints(store),
  crls: compose.crls(store),
});
