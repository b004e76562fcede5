import { tableSlice } from '../../shared/config.ts';
import * as compose from '../composition.ts';
import { publicHandler } from './handler.ts';

const config = compose.configure({ table: tableSlice });
const store = compose.table(config.table);

export const handler = publicHandler({
  ...compose.observability(),
  endpoints: compose.endpoints(store),
  crls: compose.crls(store),
});
