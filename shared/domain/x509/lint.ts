/** One rule that everything we sign keeps, checked on the octets before they are signed. */
export interface Lint<Facts> {
  readonly name: string;
  /** Clause of an RFC, or rule of AWS Client VPN. */
  readonly source: string;
  /** @returns what is wrong, or undefined */
  readonly check: (facts: Facts) => string | undefined;
}

/**
 * Demands that facts break no rule.
 *
 * @throws Error naming every rule that is broken: a failed lint is our bug, never the caller's mistake
 */
export function assertLints<Facts>(lints: readonly Lint<Facts>[], facts: Facts): void {
  const broken: string[] = [];
  for (const { name, source, check } of lints) {
    const fault = check(facts);
    if (fault !== undefined) broken.push(`${name} (${source}): ${fault}`);
  }
  if (broken.length > 0) throw new Error(`refusing to sign: ${broken.join('; ')}`);
}
