/** Where a message goes that no later try can mend, so that somebody looks at it. */
export interface DeadLetters {
  /**
   * Keeps the message with the reason beside it. Twice, where its answer is lost.
   *
   * @param body as it came, so that it can be sent again once the reason is gone
   * @param reason for a person; names nobody
   */
  bury(body: string, reason: string): Promise<void>;
}
