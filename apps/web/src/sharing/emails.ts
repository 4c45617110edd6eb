/** Most people who are invited at once. */
export const MAX_EMAILS = 50

/** The addresses in a text, each once: with commas, semicolons, spaces or lines between them. */
export function readEmails(text: string): string[] {
  const found = text.split(/[\s,;]+/).filter((part) => part !== '')
  return [...new Map(found.map((email) => [email.toLowerCase(), email])).values()]
}
