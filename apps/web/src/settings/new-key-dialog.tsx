import type { Workspace } from '@mindfuse/client'
import { useBoards } from '@mindfuse/react'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import type { App } from '../app/app.ts'
import { useMessages } from '../language/language.ts'
import { SecretField } from '../ui/copy-field.tsx'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { endOf } from '../ui/end-field.ts'
import { type EndChoice, EndField, NEVER } from '../ui/end-field.tsx'
import { Select } from '../ui/select.tsx'
import { messageOf } from '../ui/toast.ts'
import { SCOPES, type Scope } from './key-text.ts'

/** Most boards that a key can be for, and so most that are listed. */
const MAX_BOARDS = 100

interface NewKeyProps {
  app: App
  workspace: Workspace
  onCreated: () => void
  onClose: () => void
}

/** Asks for what a key may do, creates it, and shows it once. */
export function NewKeyDialog({ app, workspace, onCreated, onClose }: NewKeyProps) {
  const { text } = useMessages()
  const name = useRef<HTMLInputElement>(null)
  const [created, setCreated] = useState<string>()
  return (
    <DialogFrame title={text('keys.new')} initialFocus={name} onClose={onClose}>
      {created === undefined ? (
        <NewKeyForm
          app={app}
          workspace={workspace}
          nameField={name}
          onCreated={(key) => {
            onCreated()
            if (key === null) onClose()
            else setCreated(key)
          }}
        />
      ) : (
        <SecretField label={text('keys.key')} value={created} />
      )}
    </DialogFrame>
  )
}

function NewKeyForm({
  app,
  workspace,
  nameField,
  onCreated,
}: Pick<NewKeyProps, 'app' | 'workspace'> & {
  nameField: React.RefObject<HTMLInputElement>
  /** @param key null where it was shown before: the request was repeated */
  onCreated: (key: string | null) => void
}) {
  const { text } = useMessages()
  const { boards = [] } = useBoards({ workspaceId: workspace.id })
  const [scopes, setScopes] = useState<readonly Scope[]>([])
  const [end, setEnd] = useState<EndChoice>(NEVER)
  const [of, setOf] = useState<'all' | 'some'>('all')
  const [boardIds, setBoardIds] = useState<readonly string[]>([])
  const [problem, setProblem] = useState<string>()

  const create = async (event: FormEvent) => {
    event.preventDefault()
    if (scopes.length === 0) return setProblem(text('keys.noScope'))
    if (of === 'some' && boardIds.length === 0) return setProblem(text('keys.noBoard'))
    const expiresAt = endOf(end.end, end.date, new Date())
    try {
      const { key } = await app.client.api.keys.create(workspace.id, {
        name: nameField.current?.value ?? '',
        scopes: [...scopes],
        ...(of === 'some' && { boardIds: [...boardIds] }),
        ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
      })
      onCreated(key)
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <form onSubmit={(event) => void create(event)}>
      <label className="fields">
        {text('field.name')}
        <input ref={nameField} required maxLength={255} autoComplete="off" />
      </label>
      <Checkboxes
        legend={text('keys.may')}
        options={(Object.keys(SCOPES) as Scope[]).map((scope) => ({
          value: scope,
          label: (
            <span>
              <code>{scope}</code> {text(SCOPES[scope])}
            </span>
          ),
        }))}
        checked={scopes}
        onChange={setScopes}
      />
      <div className="fields">
        <Select
          label={text('keys.boardsOf')}
          value={of}
          options={[
            { value: 'all', label: text('keys.boardsOf.all') },
            { value: 'some', label: text('keys.boardsOf.some') },
          ]}
          onChange={setOf}
        />
      </div>
      {of === 'some' && (
        <Checkboxes
          legend={text('boards.title')}
          options={boards
            .slice(0, MAX_BOARDS)
            .map(({ id, name }) => ({ value: id, label: <bdi>{name}</bdi> }))}
          checked={boardIds}
          onChange={setBoardIds}
        />
      )}
      <EndField label={text('keys.end')} value={end} onChange={setEnd} />
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <footer>
        <button type="submit" className="primary">
          {text('keys.create')}
        </button>
      </footer>
    </form>
  )
}

/** Boxes to check any of. */
function Checkboxes<Value extends string>({
  legend,
  options,
  checked,
  onChange,
}: {
  legend: string
  options: readonly { value: Value; label: ReactNode }[]
  checked: readonly Value[]
  onChange: (checked: readonly Value[]) => void
}) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {options.map(({ value, label }) => (
        <label className="setting" key={value}>
          <input
            type="checkbox"
            checked={checked.includes(value)}
            onChange={(event) =>
              onChange(
                event.target.checked
                  ? [...checked, value]
                  : checked.filter((other) => other !== value),
              )
            }
          />
          {label}
        </label>
      ))}
    </fieldset>
  )
}
