import { awsCure, deployCure, ownCure } from '../cures.ts';
import type { EndpointFacts, GateAnswer, PortalFacts } from '../facts.ts';
import { broken, info, warning, well, type Finding } from '../finding.ts';
import { QUIET_OBSERVATION_DAYS } from '../../gate-policy.ts';
import { counted } from '../words.ts';
import type { EndpointRule } from './rule.ts';

/** The endpoint asks a connect handler, and that one is ours. */
export const gateIsWired: EndpointRule = ({ endpointId, settings, registration }, { place }) => {
  const handler = settings?.value?.connectHandler;
  // Of an endpoint that the portal does not look after there is nothing to expect.
  if (handler === undefined || (registration !== undefined && registration.value === undefined)) return [];
  const gateArn = registration?.value?.gateArn;
  const cure = ownCure(
    'put the gate back; it is tried first, and no session ends',
    `gate on --endpoint ${endpointId}${place.ownOptions}`,
  );
  if (!handler.isEnabled || handler.functionArn === undefined) {
    return [
      broken(
        { code: 'gateOff', impact: 'keepOut' },
        {
          seen: 'the endpoint asks no connect handler',
          why: 'Whoever left since the last list connects as before, and suspensions keep nobody out.',
          cure,
        },
      ),
    ];
  }
  if (gateArn === undefined) return [];
  if (handler.functionArn !== gateArn) {
    return [
      broken(
        { code: 'gateOther', impact: 'keepOut' },
        {
          seen: `the endpoint asks ${handler.functionArn}, the portal's gate is ${gateArn}`,
          why: 'Another function decides who connects; leavers may pass.',
          cure,
        },
      ),
    ];
  }
  return [
    handler.status === 'applying'
      ? info({ code: 'gateApplying', impact: 'keepOut' }, 'the endpoint is taking the gate up')
      : well({ code: 'gateWired', impact: 'keepOut' }, 'the endpoint asks our gate'),
  ];
};

const DAY_MILLISECONDS = 86_400_000;

/** A gate that only observes is neither off nor broken; and for how long it has had nothing to observe. */
export const gateEnforces: EndpointRule = ({ registration }, { now, place }) => {
  const endpoint = registration?.value;
  if (endpoint?.gatePolicy?.mode !== 'observe') return [];
  const { since = now, lastUnknownAt } = endpoint.observation ?? {};
  const quietDays = Math.floor((now - (lastUnknownAt ?? since)) / DAY_MILLISECONDS);
  const seen = `the gate observes: it is asked, refuses leavers, and lets in certificates that it does not know (nobody unknown for ${counted(quietDays, 'day')})`;
  if (quietDays < QUIET_OBSERVATION_DAYS)
    return [info({ code: 'gateObserves', impact: 'keepOut' }, seen, 'That is so on purpose: gateMode.')];
  return [
    warning(
      { code: 'gateObservesStill', impact: 'keepOut' },
      {
        seen,
        why: 'Certificates of another tool pass, whoever has them. Nothing innocent has been seen for two weeks.',
        cure: deployCure(place, 'set gateMode to enforce in the stage, and deploy'),
      },
    ),
  ];
};

/** The function behind the handler is there and ready. */
export const gateRuns: EndpointRule = (endpoint, { place }) => [
  ...functionFindings(endpoint, place),
  ...concurrencyFindings(endpoint, place),
];

function functionFindings({ gate, settings }: EndpointFacts, place: PortalFacts['place']): Finding[] {
  const arn = settings?.value?.connectHandler.functionArn;
  if (gate === undefined || arn === undefined) return [];
  if (gate.value === undefined) return [gateGone(arn, place)];
  const { state, lastUpdateStatus, reason } = gate.value;
  if (state !== 'Active' && state !== 'Inactive') {
    return [
      broken(
        { code: 'gateNotActive', impact: 'connect' },
        {
          seen: `the gate's function is ${state}${reason === undefined ? '' : `: ${reason}`}`,
          why: 'An endpoint that gets no answer refuses everybody.',
          cure: deployCure(place, 'deploy it again'),
        },
      ),
    ];
  }
  if (lastUpdateStatus === 'Failed') {
    return [
      warning(
        { code: 'gateUpdateFailed', impact: 'keepRunning' },
        {
          seen: `the last change of the gate's function failed${reason === undefined ? '' : `: ${reason}`}`,
          why: 'It runs as it was before.',
          cure: deployCure(place, 'deploy it again'),
        },
      ),
    ];
  }
  return [well({ code: 'gateActive', impact: 'connect' }, `the gate's function is ${state.toLowerCase()}`)];
}

const gateGone = (arn: string, place: PortalFacts['place']): Finding =>
  broken(
    { code: 'gateMissing', impact: 'connect' },
    {
      seen: `Lambda has no ${arn}`,
      why: 'The endpoint asks it and gets no answer: everybody is refused.',
      cure: deployCure(place, 'make it again'),
    },
  );

function concurrencyFindings(
  { gateReservedConcurrency, gate }: EndpointFacts,
  place: PortalFacts['place'],
): Finding[] {
  if (gateReservedConcurrency === undefined) return [];
  const reserved = gateReservedConcurrency.value;
  if (reserved === 0) {
    const name = gate?.value?.name ?? 'NAME';
    return [
      broken(
        { code: 'gateThrottled', impact: 'connect' },
        {
          seen: 'the gate may not run at all: 0 executions are reserved for it',
          why: 'Throttled is refused: nobody can connect.',
          cure: awsCure(
            place,
            'let it run',
            `lambda put-function-concurrency --function-name ${name} --reserved-concurrent-executions 50`,
          ),
        },
      ),
    ];
  }
  if (reserved === undefined) {
    return [
      warning(
        { code: 'gateNotReserved', impact: 'keepRunning' },
        {
          seen: 'no executions are reserved for the gate',
          why: 'Whatever else the account does can take its place, and throttled is refused.',
          cure: deployCure(place, 'reserve them again'),
        },
      ),
    ];
  }
  return [
    well({ code: 'gateReserved', impact: 'keepRunning' }, `${reserved} executions are reserved for the gate`),
  ];
}

/** Longer, and somebody waits at the door; the gate itself gives up after five seconds. */
const SLOW_MILLISECONDS = 2_000;

/**
 * Asked about a certificate that nobody has, it says no, and for that reason.
 *
 * @param unknownWords what the gate says of an unknown certificate
 */
export const gateDecides =
  (unknownWords: string): EndpointRule =>
  ({ gateAnswer, settings, registration }, { place }) => {
    const arn = settings?.value?.connectHandler.functionArn;
    if (gateAnswer === undefined || arn === undefined) return [];
    if (gateAnswer.value === undefined) return [gateGone(arn, place)];
    const isObserving = registration?.value?.gatePolicy?.mode === 'observe';
    // There it lets in what it does not know, and says so: gateObserves tells of it.
    if (isObserving && gateAnswer.value.isAllowed === true) return [];
    return [answerFinding(gateAnswer.value, unknownWords, arn, place)];
  };

function answerFinding(
  { isAllowed, words, milliseconds }: GateAnswer,
  unknownWords: string,
  arn: string,
  place: PortalFacts['place'],
): Finding {
  const name = /:function:([^:]+)/.exec(arn)?.[1] ?? arn;
  const log = awsCure(place, 'read what it wrote', `logs tail /aws/lambda/${name} --since 15m`);
  if (isAllowed === true) {
    return broken(
      { code: 'gateAllowsUnknown', impact: 'keepOut' },
      {
        seen: 'the gate lets a certificate pass that nobody has',
        why: 'It keeps nobody out.',
        cure: deployCure(place, 'deploy the gate again'),
      },
    );
  }
  if (isAllowed === undefined || words !== unknownWords) {
    return broken(
      { code: isAllowed === undefined ? 'gateFails' : 'gateCannotDecide', impact: 'connect' },
      {
        seen:
          isAllowed === undefined
            ? `the gate gives no answer that an endpoint takes: ${words}`
            : `the gate refuses without knowing why: "${words}"`,
        why: 'Everybody is refused. It may not reach the table, or its configuration is wrong.',
        cure: log,
      },
    );
  }
  const seen = `the gate refused a certificate that nobody has, in ${Math.round(milliseconds)} ms`;
  if (milliseconds > SLOW_MILLISECONDS) {
    return warning(
      { code: 'gateSlow', impact: 'connect' },
      { seen, why: 'Everybody who connects waits for it; a cold start takes about one second.', cure: log },
    );
  }
  return well({ code: 'gateDecides', impact: 'connect' }, seen);
}
