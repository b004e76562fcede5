/** Signature and key algorithms: RFC 8017 appendix A.2, RFC 4055 section 5. */
export const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
export const SHA256_WITH_RSA_ENCRYPTION = '1.2.840.113549.1.1.11';

/** RFC 5754 section 2.2. */
export const SHA256 = '2.16.840.1.101.3.4.2.1';

/** Attribute types of names: X.520. */
export const COMMON_NAME = '2.5.4.3';
export const ORGANIZATION_NAME = '2.5.4.10';

/** Certificate and list extensions: RFC 5280 sections 4.2.1 and 5.2. */
export const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
export const KEY_USAGE = '2.5.29.15';
export const SUBJECT_ALT_NAME = '2.5.29.17';
export const BASIC_CONSTRAINTS = '2.5.29.19';
export const CRL_NUMBER = '2.5.29.20';
export const REASON_CODE = '2.5.29.21';
export const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
export const EXT_KEY_USAGE = '2.5.29.37';

/** Extended key usages: RFC 5280 section 4.2.1.12. */
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
