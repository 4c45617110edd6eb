import { expect, test } from 'vitest'
import { knownFault } from '../clients/known-faults.ts'
import { packagesOf, readPage, readResults, withTable } from '../clients/results.ts'
import { ROWS } from '../clients/rows.ts'
import { TRIAL_NAMES } from '../clients/trials.ts'

const results = readResults()

test('the table of docs/CLIENTS.md is what the suite of clients found', () => {
  expect(readPage()).toBe(withTable(readPage(), results))
})

test.each(ROWS)('$name was tried in the version that is installed', (row) => {
  expect(results[row.name]?.packages).toEqual(packagesOf(row))
})

test('a trial fails only for a reason that is known', () => {
  for (const { name } of ROWS) {
    for (const trial of TRIAL_NAMES) {
      const outcome = results[name]?.outcomes[trial]
      const because = outcome?.works ? undefined : outcome?.because
      expect(because, `${name}: ${trial}`).toBe(knownFault(name, trial)?.reason)
    }
  }
})
