/** A condition on a document's fields. Made by the search language or by code; adapters translate it, text never reaches an engine. */

export type Scalar = string | number | boolean;

export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/**
 * Logic is two-valued: a comparison with an absent (null) field is false, whatever the operator, and `not` turns any condition
 * into its exact opposite. SQL's third value, and MongoDB's habit of matching absent fields with $ne, are the adapters' to hide.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'compare'; readonly field: string; readonly operator: Comparison; readonly value: Scalar }
  | { readonly kind: 'in'; readonly field: string; readonly values: readonly Scalar[] }
  /** `%` matches any text, `_` one code point, nothing escapes them; ilike ignores case (Unicode simple folding). See likeToRegExp. */
  | { readonly kind: 'like' | 'ilike'; readonly field: string; readonly pattern: string }
  | { readonly kind: 'isNull'; readonly field: string };

/** All of these conditions. */
export const allOf = (...filters: readonly Filter[]): Filter => ({ kind: 'and', filters });

/** The field has this value. */
export const equals = (field: string, value: Scalar): Filter => ({ kind: 'compare', field, operator: 'eq', value });
