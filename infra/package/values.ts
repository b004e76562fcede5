/** Every parameter of a stage that has a value. */
export type Values = Readonly<Record<string, string>>;

/** A list with spaces between, each word once. */
export const wordsOf = (list: string): string[] => [
  ...new Set(list.split(' ').filter((word) => word !== '')),
];

/** Whether endpoints are not this deployment's to make. */
export const isBrought = ({ endpointId = '' }: Values): boolean => endpointId !== '';
