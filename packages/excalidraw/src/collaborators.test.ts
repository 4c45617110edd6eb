import { expect, test } from 'vitest'
import { Collaborators, IDLE_AFTER_MS } from './collaborators.ts'

const ada = {
  connectionId: 'one',
  cursor: { x: 1, y: 2 },
  selection: ['box'],
  viewport: null,
  user: { id: 'ada', name: 'Ada', picture: 'https://example.com/ada.png' },
}

const at = (now: number) => ({
  now,
  ownId: 'me',
  nameOf: ({ name }: { name: string }) => name,
  laserOf: () => undefined,
})

test('a person is shown with pointer, selection, name and picture', () => {
  const [shown] = new Collaborators().of([ada], at(0)).values()
  expect(shown).toMatchObject({
    username: 'Ada',
    avatarUrl: ada.user.picture,
    pointer: { x: 1, y: 2, tool: 'pointer' },
    selectedElementIds: { box: true },
  })
})

test('connections of one user have one id, and each user another', () => {
  const grace = { ...ada, connectionId: 'three', user: { id: 'grace', name: 'Grace' } }
  const others = [ada, { ...ada, connectionId: 'two' }, grace]
  const [one, two, three] = [...new Collaborators().of(others, at(0)).values()].map(({ id }) => id)
  expect(one).toMatch(/^ada.$/)
  expect(two).toBe(one)
  expect(three).toMatch(/^grace.$/)
})

test('a user is called what the page calls them', () => {
  const nameOf = ({ name }: { name: string }) => `${name} (guest)`
  const [shown] = new Collaborators().of([ada], { ...at(0), nameOf }).values()
  expect(shown?.username).toBe('Ada (guest)')
})

test('a person is idle after a minute without a move, and away without a pointer', () => {
  const collaborators = new Collaborators()
  const stateAt = (now: number, cursor: typeof ada.cursor | null = ada.cursor) =>
    [...collaborators.of([{ ...ada, cursor }], at(now)).values()][0]?.userState
  expect(stateAt(0)).toBe('active')
  expect(stateAt(IDLE_AFTER_MS - 1)).toBe('active')
  expect(stateAt(IDLE_AFTER_MS)).toBe('idle')
  expect(stateAt(IDLE_AFTER_MS, { x: 5, y: 5 })).toBe('active')
  expect(stateAt(IDLE_AFTER_MS, null)).toBe('away')
})

test('a laser that is in use is shown in place of the pointer', () => {
  const laserOf = () => ({ x: 3, y: 4, isDown: true })
  const [shown] = new Collaborators().of([ada], { ...at(0), laserOf }).values()
  expect(shown).toMatchObject({ button: 'down', pointer: { x: 3, y: 4, tool: 'laser' } })
})
