import { tableSlice } from '../../shared/config.ts';
import { configure, crls, endpoints, observability, table } from '../composition.ts';
import { publicHandler } from './handler.ts';

const config = configure({ table: tableSlice });
const store = table(config.table);

export const handler = publicHandler({ ...observability(), endpoints: endpoints(store), crls: crls(store) });
