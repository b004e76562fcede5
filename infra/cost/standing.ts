import { fileURLToPath } from 'node:url';
import { readServiceFile } from '../local/runner/service-file.ts';
import { childOf, isTreeList, isTreeObject, type Tree } from '../local/runner/yaml.ts';
import type { Amounts } from './prices.ts';

const SERVICE_FILE = fileURLToPath(new URL('../../serverless.yml', import.meta.url));

/** Parameters without which the file cannot be read; nothing counted here hangs on them. */
const EXAMPLES = { oidcIssuer: 'https://login.example.com' };

/** What a deployment has, whoever uses it. */
export interface Standing {
  readonly alarms: number;
  /** That alarms look at; one may look at several. */
  readonly alarmMetrics: number;
  readonly dashboards: number;
  readonly keys: number;
  readonly secrets: number;
  /** Queues that a function is woken by. */
  readonly polledQueues: number;
  /** Counted from logs, beside those that functions tell. */
  readonly filteredMetrics: number;
}

/** Counted in `serverless.yml` and what it includes. @throws Error where that cannot be read */
export function standingOf(): Standing {
  const { resources, tree } = readServiceFile(SERVICE_FILE, { stage: 'local', params: EXAMPLES });
  const all = Object.values(resources);
  const ofType = (type: string): readonly Tree[] => all.filter((one) => childOf(one, 'Type') === type);
  const alarms = ofType('AWS::CloudWatch::Alarm');
  return {
    alarms: alarms.length,
    alarmMetrics: alarms.reduce<number>((total, alarm) => total + metricsOf(alarm), 0),
    dashboards: ofType('AWS::CloudWatch::Dashboard').length,
    keys: ofType('AWS::KMS::Key').length,
    secrets: ofType('AWS::SecretsManager::Secret').length,
    polledQueues: eventsOf(tree).filter((event) => childOf(event, 'sqs') !== undefined).length,
    filteredMetrics: ofType('AWS::Logs::MetricFilter').length,
  };
}

/** Expressions are not paid. */
function metricsOf(alarm: Tree): number {
  const metrics = childOf(childOf(alarm, 'Properties'), 'Metrics');
  if (!isTreeList(metrics)) return 1;
  return metrics.filter((metric) => childOf(metric, 'MetricStat') !== undefined).length;
}

function eventsOf(tree: Tree): readonly Tree[] {
  const functions = childOf(tree, 'functions');
  if (!isTreeObject(functions)) throw new Error('serverless.yml: functions expected');
  return Object.values(functions).flatMap((one) => {
    const events = childOf(one, 'events');
    return isTreeList(events) ? events : [];
  });
}

/** Lambda asks each queue with five pollers, each for twenty seconds: as its guide says, at the least. */
const POLLS_A_YEAR = (5 * 365 * 86_400) / 20;

/** What it costs to be there for a year. @param metrics of our own */
export const standingAmounts = (standing: Standing, metrics: number): Amounts => ({
  kmsKeyMonths: 12 * standing.keys,
  secretMonths: 12 * standing.secrets,
  alarmMonths: 12 * standing.alarmMetrics,
  dashboardMonths: 12 * standing.dashboards,
  metricMonths: 12 * (metrics + standing.filteredMetrics),
  sqsRequests: POLLS_A_YEAR * standing.polledQueues,
});
