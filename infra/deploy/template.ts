/** A CloudFormation template, as far as it is looked at. */
export interface Template {
  readonly Resources: Record<
    string,
    { readonly Type?: string; DependsOn?: string | string[]; readonly [key: string]: unknown }
  >;
}
