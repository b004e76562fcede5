import { memoryStores } from '../../support/memory-stores/memory-stores.ts';
import { storeContracts } from './all.contract.ts';

describe('memory', () => storeContracts(async () => memoryStores()));
