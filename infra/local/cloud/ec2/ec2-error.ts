/** An error as EC2 answers it. @param status 4xx for the caller's, 5xx for EC2's own */
export class Ec2Error extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'Ec2Error';
    this.code = code;
    this.status = status;
  }
}

export const missingParameter = (name: string): Ec2Error =>
  new Ec2Error('MissingParameter', `The request must contain the parameter ${name}`);

export const invalidValue = (message: string): Ec2Error => new Ec2Error('InvalidParameterValue', message);

export const noSuchEndpoint = (endpointId: string): Ec2Error =>
  new Ec2Error('InvalidClientVpnEndpointId.NotFound', `Endpoint ${endpointId} does not exist`);
