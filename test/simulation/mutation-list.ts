/** A change of shipped code that breaks an invariant. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** Found exactly once in the file, or the mutation is out of date. */
  readonly search: string;
  readonly replace: string;
}

const certificates = 'shared/adapters/dynamo/certificate-store.ts';
const revocation = 'shared/adapters/dynamo/certificate-revocation.ts';
const denials = 'shared/adapters/dynamo/denials.ts';
const issue = 'shared/use-cases/issue-certificate.ts';
const events = 'shared/use-cases/receive-event.ts';
const cut = 'shared/use-cases/cut-connections.ts';
const imports = 'shared/use-cases/publication/import-list.ts';
const signing = 'shared/use-cases/publication/sign-list.ts';
const situation = 'shared/use-cases/publication/situation.ts';
const access = 'shared/domain/access.ts';
const publication = 'shared/domain/publication.ts';
const chain = 'shared/adapters/dynamo/audit-chain.ts';
const plans = 'shared/use-cases/fire-plans.ts';
const replay = 'shared/use-cases/replay-journal.ts';
const scim = 'shared/use-cases/scim/write-user.ts';
const weighing = 'shared/use-cases/weigh-denial.ts';

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'signs before the certificate is reserved',
    file: issue,
    search: '    const outcome = await deps.certificates.reserve(record, {',
    replace:
      '    await deps.signer.sign(issuing.authority.keyId, record.tbsCertificateDer);\n    const outcome = await deps.certificates.reserve(record, {',
  },
  {
    name: 'the gate lets in what is only reserved',
    file: access,
    search: "if (state !== 'active') return STATE_REFUSALS[state];",
    replace: "if (state !== 'active' && state !== 'reserved') return STATE_REFUSALS[state];",
  },
  {
    name: 'the gate forgets the person',
    file: access,
    search: 'if (denial !== undefined) return denial;',
    replace: 'void denial;',
  },
  {
    name: 'no condition on the person when a certificate is reserved',
    file: certificates,
    search: "if: 'attribute_exists(pk) AND size(#denials) = :none AND #enrolments = :seen',",
    replace: "if: 'attribute_exists(pk) AND #enrolments = :seen',",
  },
  {
    name: 'no condition on the person when a certificate is recorded',
    file: certificates,
    search: "if: 'attribute_exists(pk) AND size(#denials) = :none',",
    replace: "if: 'attribute_exists(pk)',",
  },
  {
    name: 'acknowledges before the denial is written',
    file: events,
    search: 'const outcome = await offboardings.deny(record, event, due);',
    replace:
      "void offboardings.deny(record, event, due).catch(() => undefined);\n  const outcome = 'denied' as Awaited<ReturnType<typeof offboardings.deny>>;",
  },
  {
    name: 'ignores that an event is older than what its source took back',
    file: denials,
    search: "if: '(attribute_not_exists(#takenBack.#source) OR #takenBack.#source <= :eventTime)',",
    replace: "if: 'attribute_exists(pk)',",
  },
  {
    name: 'any source lifts every denial',
    file: events,
    search: "event.source === ADMINISTRATOR ? 'all' : event.source",
    replace: "'all'",
  },
  {
    name: 'whom an undecided event may mean is never held',
    file: 'shared/use-cases/hold-candidates.ts',
    search: 'openedAt <= overdue',
    replace: 'openedAt <= 0',
  },
  {
    name: 'notes a cut while a refused connection is up',
    file: cut,
    search: 'clean = refused.length === 0 ? before : undefined;',
    replace: 'clean = before;',
  },
  {
    name: 'cuts before it denies, and not after',
    file: cut,
    search: 'await eachAtOnce(refused, AT_A_TIME, endOne, isTimeLeft);',
    replace:
      'await eachAtOnce(refused.filter(({ cause }) => !cause.startsWith("person")), AT_A_TIME, endOne, isTimeLeft);',
  },
  {
    name: 'ends everybody’s connections',
    file: cut,
    search: 'else if (certificate !== undefined) allowed.push(certificate);',
    replace: "else refused.push({ connection, certificate, cause: 'nobody knows' });",
  },
  {
    name: 'a revocation is pending nowhere',
    file: revocation,
    search: '      ...pending.endpointIds.map((id): Action => ({\n',
    replace: '      ...pending.endpointIds.slice(pending.endpointIds.length).map((id): Action => ({\n',
  },
  {
    name: 'a revocation that a list has is not final',
    file: 'shared/adapters/dynamo/revocation-store.ts',
    search: "    set: 'SET #number = :number',",
    replace: "    set: 'SET #reason = :reason',",
  },
  {
    name: 'a number is given twice',
    file: 'shared/adapters/dynamo/crl-store.ts',
    search: "set: 'SET #last = #last + :one',",
    replace: "set: 'SET #last = #last',",
  },
  {
    name: 'a list is imported when nothing changed',
    file: publication,
    search: 'const halfAt = halfLifeOf(crl);',
    replace: 'const halfAt = crl.thisUpdate * 1000 + 60_000;',
  },
  {
    name: 'a list is never signed again for its age',
    file: publication,
    search: "publish('refresh', false)",
    replace: "leave('unchanged')",
  },
  {
    name: 'a source may deny as many people as it likes',
    file: 'shared/use-cases/weigh-denial.ts',
    search: 'if (people <= deps.surgePolicy.leastPeople) return { kind };',
    replace: 'if (people >= 0) return { kind };',
  },
  {
    name: 'a reinstatement does not give back what no list has',
    file: 'shared/use-cases/advance-offboardings.ts',
    search: '    await undoRevocations(deps, record);\n',
    replace: '',
  },
  {
    name: 'a list is imported without waiting for its window',
    file: publication,
    search: "return isDue ? publish('due') : leave('waitsForWindow');",
    replace: "return publish(isDue ? 'due' : 'due');",
  },
  {
    name: 'does not wait between two imports',
    file: publication,
    search: "if (!isSpaced) return leave('waitsForSpacing');",
    replace: 'void isSpaced;',
  },
  {
    name: 'the list is not read back',
    file: imports,
    search: "    if (held?.status === 'active' && held.sha256Hex === crl.sha256Hex) return true;",
    replace: '    return true;',
  },
  {
    name: 'pending rows of a publisher that died are forgotten',
    file: imports,
    search:
      '    await clearPending(deps, endpoint.endpointId, revokedOn(readCrl(held.der)));\n    return endpoint;',
    replace: '    return endpoint;',
  },
  {
    name: 'a list that a dead publisher sent is never adopted',
    file: imports,
    search:
      "  if (held.status === 'pending' || held.sha256Hex !== endpoint.importAttempt?.sha256Hex) return endpoint;",
    replace: '  if (held.sha256Hex !== undefined) return endpoint;',
  },
  {
    name: 'what is sent is not written down first',
    file: imports,
    search:
      'if (!(await deps.endpoints.recordImportAttempt(lease, { crlNumber, sha256Hex, at: importedAt }))) {',
    replace: 'if (lease.endpointId === "") {',
  },
  {
    name: 'a publisher that slept past its lease imports all the same',
    file: imports,
    search: '  if (clock.now() >= until) throw',
    replace: '  if (until < 0) throw',
  },
  {
    name: 'the list is made of what was revoked since the last one',
    file: signing,
    search: 'const claimed = await deps.revocations.claim(endpoint.caId, placed, crlNumber);',
    replace:
      'const claimed = (await deps.revocations.claim(endpoint.caId, placed, crlNumber)).filter((row) => row.crlNumber === crlNumber);',
  },
  {
    name: 'who is held is not on the list while the gate is off',
    file: signing,
    search: 'const { entries } = listEntries(claimed, held, mostEntries);',
    replace: 'const { entries } = listEntries(claimed, [], mostEntries);',
  },
  {
    name: 'nobody notices that the gate is off',
    file: situation,
    search: 'const isOn = (await isGateOn(deps, endpoint)) && gateGoesOff === undefined;',
    replace: 'const isOn = gateGoesOff === undefined || (await isGateOn(deps, endpoint));',
  },
  {
    name: 'a private key is kept with its certificate',
    file: 'shared/use-cases/enrol.ts',
    search: 'const issued = await issueCertificate(deps, { ...common, publicKey, isKeyOurs: true });',
    replace:
      'const issued = await issueCertificate(deps, { ...common, deviceName: privateKeyPem, publicKey, isKeyOurs: true });',
  },
  {
    name: 'the caller chooses her common name',
    file: issue,
    search: 'commonNameFor(certificateId, person.login)',
    replace: 'commonNameFor(certificateId, request.deviceName)',
  },
  {
    name: 'who may not enrol is written down before she is refused',
    file: issue,
    search:
      '  assertMayEnrol(request.caller, deps.access, now);\n  const { person, refusal } = await registerPerson(deps, request.caller);',
    replace:
      '  const { person, refusal } = await registerPerson(deps, request.caller);\n  assertMayEnrol(request.caller, deps.access, now);',
  },
  {
    name: 'what a source denies is not counted',
    file: weighing,
    search: 'const people = await deps.surges.count(source, now);',
    replace: 'const people = 0 * now;',
  },
  {
    name: 'a source denies who is on the break-glass list',
    file: weighing,
    search: 'if (deps.breakGlass.has(personId)) {',
    replace: 'if (deps.breakGlass.size < 0) {',
  },
  {
    name: 'who is on the break-glass list is held while an event is undecided',
    file: 'shared/use-cases/hold-candidates.ts',
    search: 'if (!deps.breakGlass.has(personId) && (await hold',
    replace: 'if ((await hold',
  },
  {
    name: 'a plan is put away and never carried out',
    file: plans,
    search: 'if (!(await isOutAlready(deps, plan))) {',
    replace: 'if (plan.effectiveAt < 0) {',
  },
  {
    name: 'a plan stays when its day is over',
    file: plans,
    search: '      until: startedAt,',
    replace: '      until: startedAt - 86_400_000,',
  },
  {
    name: 'a plan is carried out a day early',
    file: plans,
    search: '      until: startedAt,',
    replace: '      until: startedAt + 86_400_000,',
  },
  {
    name: 'what is written down is not bound to what was before',
    file: chain,
    search: 'const entry = chained(personId, seen, draft);',
    replace: "const entry = chained(personId, { ...seen, sha256Hex: '0'.repeat(64) }, draft);",
  },
  {
    name: 'a return by SCIM lifts what others said',
    file: events,
    search: "const sources = event.source === ADMINISTRATOR ? 'all' : event.source;",
    replace:
      "const sources = event.source === ADMINISTRATOR || String(event.source) === 'scim' ? 'all' : event.source;",
  },
  {
    name: 'whom the directory took away may enrol if she was not known',
    file: scim,
    search: "const waits = person.kind === 'nobody' && !plan.isActive;",
    replace: 'const waits = false;',
  },
  {
    name: 'SCIM answers before anything follows',
    file: scim,
    search: '    const toldAt = await follow(deps, plan, person);',
    replace: '    const toldAt = plan.toldAt;\n    void follow(deps, plan, person).catch(() => undefined);',
  },
  {
    name: 'a replay forgets who was denied',
    file: replay,
    search: '      return deny(deps, entry);',
    replace: '      return undefined;',
  },
  {
    name: 'a replay forgets who came back',
    file: replay,
    search: '      return lift(deps, entry);',
    replace: '      return undefined;',
  },
  {
    name: 'a restored table gives numbers again',
    file: replay,
    search: '  await leaveOutNumbers(deps);\n',
    replace: '',
  },
  {
    name: 'a full list keeps those that expire first',
    file: 'shared/domain/crl-facts.ts',
    search: 'return { entries: all.slice(-quota), leftOff: all.slice(0, -quota) };',
    replace: 'return { entries: all.slice(0, quota), leftOff: all.slice(quota) };',
  },
  {
    name: 'who has no place on a full list is final all the same',
    file: signing,
    search: 'const placed = beyond.length === 0 ? rows :',
    replace: 'const placed = beyond.length >= 0 ? rows :',
  },
  {
    name: 'a full list is imported again for who rests on the gate',
    file: 'shared/use-cases/publication/same-entries.ts',
    search:
      "return known !== undefined && (known.reason === 'certificateHold') === (reason === 'certificateHold');",
    replace: 'return known === undefined && reason === undefined;',
  },
  {
    name: 'what was only replaced is published as if it were stolen',
    file: 'shared/use-cases/retire-predecessor.ts',
    search: 'now + PATIENCE_MILLISECONDS',
    replace: 'now',
  },
];
