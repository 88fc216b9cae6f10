import type { Priority } from '../dimse/command-types.ts';

/** PS3.7 9.1.1.1.3: a sub-operation goes out with the priority of its request; what is no priority is medium. */
export function priorityOf(value: number): Priority {
  return value === 1 || value === 2 ? value : 0;
}
