/** As EC2 writes the times of Client VPN: `2026-01-31 18:42:00`, UTC. */
export const ec2Time = (atMilliseconds: number): string =>
  new Date(atMilliseconds).toISOString().slice(0, 19).replace('T', ' ');
