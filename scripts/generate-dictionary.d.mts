export function generateDictionary(): Promise<string>;
