/** As much of an email as tells its owner which account to use, and others little. */
export function emailHint(email: string): string {
  return email.replace(/^(.).*(?=@)/u, '$1***')
}
