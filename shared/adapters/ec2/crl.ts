import {
  ExportClientVpnClientCertificateRevocationListCommand,
  ImportClientVpnClientCertificateRevocationListCommand,
} from '@aws-sdk/client-ec2';
import type { VpnCrl } from '../../ports/client-vpn.ts';
import { clientOf, type Ec2Access } from './clients.ts';
import { isEc2Error } from './error.ts';

/**
 * What export answers at an endpoint that never had a list is not documented. EC2 has no code for it in its
 * published list, so it is an empty answer or the code that it gives to everything else. Other errors stay errors.
 */
const NO_LIST = ['InvalidParameterValue'];

/** @param access with clients that do not try again by themselves: an import that is sent twice resets everybody twice */
export const ec2Crl = (access: Ec2Access): VpnCrl => ({
  async import(endpointId, crlPem, signal) {
    const client = await clientOf(access, endpointId);
    const { Return } = await client.send(
      new ImportClientVpnClientCertificateRevocationListCommand({
        ClientVpnEndpointId: endpointId,
        CertificateRevocationList: crlPem,
      }),
      signal === undefined ? {} : { abortSignal: signal },
    );
    if (Return !== true) throw new Error('EC2 did not take the certificate revocation list');
  },

  async export(endpointId) {
    try {
      const client = await clientOf(access, endpointId);
      const { CertificateRevocationList: crlPem, Status } = await client.send(
        new ExportClientVpnClientCertificateRevocationListCommand({ ClientVpnEndpointId: endpointId }),
      );
      if (!crlPem?.trim()) return undefined;
      return { crlPem, status: Status?.Code === 'active' ? 'active' : 'pending' };
    } catch (error) {
      if (isEc2Error(error, ...NO_LIST)) return undefined;
      throw error;
    }
  },
});
