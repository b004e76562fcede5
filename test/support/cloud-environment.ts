import { startCloud } from '../../infra/local/cloud/server.ts';
import type { Cloud, CloudOptions } from '../../infra/local/cloud/server.ts';

/**
 * Starts the stand-ins and points SDK clients made with `{}` at them, as the local stack does: by environment only.
 * Jest gives every test file its own environment.
 */
export async function startCloudForClients(options: CloudOptions = {}): Promise<Cloud> {
  const cloud = await startCloud(options);
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: cloud.url,
    AWS_MAX_ATTEMPTS: '1',
  });
  return cloud;
}

/** Starts clouds that end with the test that started them, whether it passes or not; call it outside of tests. */
export function cloudsOfOneTest(): (options?: CloudOptions) => Promise<Cloud> {
  const started: Cloud[] = [];
  afterEach(async () => {
    for (const cloud of started.splice(0)) await cloud.close();
  });
  return async (options) => {
    const cloud = await startCloud(options);
    started.push(cloud);
    return cloud;
  };
}
