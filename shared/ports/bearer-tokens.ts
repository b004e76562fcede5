/** The tokens that a client may show: one, or two while it is being rotated; none where there is no such client. */
export interface BearerTokens {
  live(): Promise<readonly string[]>;
}
