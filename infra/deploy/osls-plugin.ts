import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient, type CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';
import { adopt, type Adoption } from './adopt.ts';
import { deployStack, type StackDeploy } from './stack.ts';
import { stackPolicy } from './stack-policy.ts';
import { judgeChanges } from './judge.ts';
import { refusalWords, verdictWords, type Verdict } from './verdict.ts';
import { withGateVersion } from './gate-version.ts';
import { registerLast } from './register-last.ts';
import type { Template } from './template.ts';

/*
 * Our part of osls's life cycle. osls makes a change set, waits until it is complete, and executes it; here it is read
 * and judged between the two, so that what is executed is the very thing that was judged. A deploy of our own would
 * have to repeat osls's uploads, its bucket and its waiting, and would judge another change set than it executes.
 */

/** Where the command says what it wants and reads what came of it, in the folder that osls runs in. */
export const REQUEST_FILE = 'deploy-request.json';
export const VERDICT_FILE = 'deploy-verdict.json';

export interface DeployRequest {
  readonly allowReplacement: readonly string[];
  readonly adoptions: readonly Adoption[];
  readonly dryRun: boolean;
}

interface ChangeSetDescription {
  readonly StatusReason?: string;
}

/** What of osls is used. */
interface Serverless {
  readonly serviceDir: string;
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
  readonly service: {
    readonly provider: {
      readonly compiledCloudFormationTemplate: Template;
      stackPolicy?: unknown;
    };
  };
  readonly pluginManager: { readonly plugins: readonly object[] };
  getProvider(name: 'aws'): {
    readonly naming: { getStackName(): string };
    getAwsSdkV3Config(): Promise<CloudFormationClientConfig>;
  };
}

interface AwsDeploy {
  waitForChangeSetCreation(changeSetName: string, stackName: string): Promise<ChangeSetDescription>;
  update(): Promise<boolean>;
}

export default class GuardedDeploy {
  readonly hooks: Readonly<Record<string, () => Promise<void> | void>>;
  readonly #serverless: Serverless;

  constructor(serverless: Serverless) {
    this.#serverless = serverless;
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => this.#finishTemplate(),
      'before:aws:deploy:deploy:createStack': () => this.#guard(),
    };
  }

  #finishTemplate(): void {
    const { provider } = this.#serverless.service;
    withGateVersion(provider.compiledCloudFormationTemplate);
    registerLast(provider.compiledCloudFormationTemplate);
    provider.stackPolicy = stackPolicy(provider.compiledCloudFormationTemplate.Resources);
  }

  async #guard(): Promise<void> {
    const { serviceDir, classes, pluginManager, service } = this.#serverless;
    const request = JSON.parse(readFileSync(join(serviceDir, REQUEST_FILE), 'utf8')) as DeployRequest;
    const provider = this.#serverless.getProvider('aws');
    const client = new CloudFormationClient(await provider.getAwsSdkV3Config());
    const stack = deployStack(client, provider.naming.getStackName());
    const stop = (code: string, words: string): never => {
      throw new classes.Error(words, code);
    };
    const isFirst = await stack.makeWay().catch((error: unknown) => stop('STACK_IN_THE_WAY', String(error)));
    const note = (verdict: Verdict): void =>
      writeFileSync(join(serviceDir, VERDICT_FILE), JSON.stringify(verdict));
    if (isFirst && request.dryRun) {
      const verdict = firstVerdict(service.provider.compiledCloudFormationTemplate);
      note(verdict);
      stop('DRY_RUN', verdictWords(verdict));
    }
    if (request.adoptions.length > 0 && !request.dryRun) {
      const wanted = service.provider.compiledCloudFormationTemplate;
      const { adoptions } = request;
      await adopt(client, provider.naming.getStackName(), { isFirst, wanted, adoptions }).catch(
        (error: unknown) => stop('NOT_ADOPTED', String(error)),
      );
    }
    const deploy = pluginManager.plugins.find(isAwsDeploy);
    if (deploy === undefined) {
      throw new classes.Error('osls has another shape than this deploy was written for', 'OSLS_CHANGED');
    }
    this.#judgeEachChangeSet(deploy, stack, { request, isFirst, note, stop });
    freeAllowed(deploy, stack, request.allowReplacement);
  }

  #judgeEachChangeSet(
    deploy: AwsDeploy,
    stack: StackDeploy,
    {
      request,
      isFirst,
      note,
      stop,
    }: {
      request: DeployRequest;
      isFirst: boolean;
      note: (verdict: Verdict) => void;
      stop: (code: string, words: string) => never;
    },
  ): void {
    const wait = deploy.waitForChangeSetCreation.bind(deploy);
    deploy.waitForChangeSetCreation = async (changeSetName, stackName) => {
      const description = await wait(changeSetName, stackName);
      const changes = await stack.changesOf(changeSetName);
      const judgement = judgeChanges(changes, request.allowReplacement);
      const outcome = judgement.refused.length > 0 ? 'refused' : request.dryRun ? 'shown' : 'passed';
      const verdict: Verdict = {
        outcome,
        isFirst,
        judgement,
        changes: changes.map((change) => ({
          logicalId: change.LogicalResourceId ?? '',
          resourceType: change.ResourceType ?? '',
          action: change.Action ?? '',
          ...(change.Replacement && { replacement: change.Replacement }),
        })),
      };
      note(verdict);
      if (outcome === 'passed') return description;
      await stack.deleteChangeSet(changeSetName);
      return outcome === 'refused'
        ? stop('WOULD_END_THE_VPN', refusalWords(judgement))
        : stop('DRY_RUN', verdictWords(verdict));
    };
  }
}

/** For as long as the update takes, the stack's policy lets go of what the administrator named. */
function freeAllowed(deploy: AwsDeploy, stack: StackDeploy, logicalIds: readonly string[]): void {
  if (logicalIds.length === 0) return;
  const update = deploy.update.bind(deploy);
  deploy.update = async () => {
    const takeBack = await stack.freeInPolicy(logicalIds);
    let isDone = false;
    try {
      isDone = await update();
      return isDone;
    } finally {
      // After an update osls sets the new template's policy.
      if (!isDone) await takeBack();
    }
  };
}

const firstVerdict = ({ Resources }: Template): Verdict => ({
  outcome: 'shown',
  isFirst: true,
  judgement: { refused: [], allowed: [], unneeded: [] },
  changes: Object.entries(Resources).map(([logicalId, { Type = '' }]) => ({
    logicalId,
    resourceType: Type,
    action: 'Add',
  })),
});

const isAwsDeploy = (plugin: object): plugin is AwsDeploy =>
  'waitForChangeSetCreation' in plugin && 'update' in plugin && 'uploadArtifacts' in plugin;
