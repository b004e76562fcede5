import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Observability } from '../../shared/http/observability.ts';

/** A logger and metrics that write into memory, and what they wrote. */
export function quietObservability(): { observability: Observability; written: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk.toString());
      done();
    },
  });
  const logger = new Logger({ serviceName: 'test' });
  const metrics = new Metrics({ namespace: 'test', serviceName: 'test' });
  const quiet = new Console({ stdout: stream, stderr: stream });
  Object.assign(logger, { console: quiet });
  Object.assign(metrics, { console: quiet });
  return { observability: { logger, metrics }, written: () => chunks.join('') };
}
