/** The stack that this portal was made by. */
export interface DeploymentStack {
  /** Its state in CloudFormation's words: `DELETE_IN_PROGRESS`. Undefined where it is not there. */
  status(stackId: string): Promise<string | undefined>;
}
