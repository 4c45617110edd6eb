import { expect, test } from 'vitest'
import { readEmails } from './emails.ts'

test.each([
  ['', []],
  [' ,;\n', []],
  ['ada@example.com', ['ada@example.com']],
  ['ada@example.com, alan@example.com;grace@example.com', ['ada', 'alan', 'grace'].map(at)],
  ['ada@example.com\r\nalan@example.com\n\n grace@example.com ', ['ada', 'alan', 'grace'].map(at)],
  ['ada@example.com ADA@example.com', ['ADA@example.com']],
  ['no address', ['no', 'address']],
])('the addresses in %j are %j', (text, emails) => {
  expect(readEmails(text)).toEqual(emails)
})

function at(name: string): string {
  return `${name}@example.com`
}
