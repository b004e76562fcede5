import { checkCertificateList } from './certificate-list.ts';
import { endpointOf, type Action } from './context.ts';
import { invalidValue } from './ec2-error.ts';

/** A short while in which an import is `pending`; at AWS it may be four hours. */
const PENDING_MS = 150;

export const importList: Action = async (query, context) => {
  query.allowOnly(['ClientVpnEndpointId', 'CertificateRevocationList']);
  const endpoint = endpointOf(query, context);
  const crlPem = query.required('CertificateRevocationList');
  checkCertificateList(crlPem);
  await context.lists.import(endpoint, crlPem, context.lies.importPendingMs ?? PENDING_MS);
  return { return: true };
};

/** @param beforeImport what AWS answers while there is no list is not documented: nothing, or an error */
export const exportList =
  (beforeImport: 'empty' | 'error'): Action =>
  async (query, context) => {
    query.allowOnly(['ClientVpnEndpointId']);
    const { record } = endpointOf(query, context);
    const list = context.lists.find(record.endpointId);
    if (list) {
      const { crlPem, previousCrlPem, status } = list;
      return context.lies.exportPrevious
        ? { certificateRevocationList: previousCrlPem, status: { code: 'active' } }
        : { certificateRevocationList: crlPem, status: { code: status } };
    }
    if (beforeImport === 'empty') return {};
    throw invalidValue(`Endpoint ${record.endpointId} has no certificate revocation list`);
  };
