/** A piece of a WHERE clause with its values. `indexed`: narrows the rows through an index, so that no scan is needed. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number | Uint8Array)[];
  readonly indexed: boolean;
}

export const NEVER: Condition = { sql: '1 = 0', values: [], indexed: true };

export function condition(sql: string, values: Condition['values'], indexed = false): Condition {
  return { sql, values, indexed };
}

/** All must hold; undefined when there is nothing to hold. */
export function allOf(conditions: readonly Condition[]): Condition | undefined {
  return join(conditions, ' AND ', (indexed) => indexed.some(Boolean));
}

/** At least one must hold. */
export function oneOf(conditions: readonly Condition[]): Condition | undefined {
  return join(conditions, ' OR ', (indexed) => indexed.every(Boolean));
}

function join(
  conditions: readonly Condition[],
  operator: string,
  indexed: (each: boolean[]) => boolean,
): Condition | undefined {
  const [only, ...more] = conditions;
  if (only === undefined || more.length === 0) return only;
  return {
    sql: `(${conditions.map(({ sql }) => sql).join(operator)})`,
    values: conditions.flatMap(({ values }) => values),
    indexed: indexed(conditions.map((each) => each.indexed)),
  };
}
