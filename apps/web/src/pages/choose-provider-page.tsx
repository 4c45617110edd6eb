import type { Reply } from '@mindfuse/client'
import { useCallback, useEffect, useState } from 'react'
import { signInUrlOf } from '../app/session.ts'
import { useMessages } from '../language/language.ts'
import { MessagePage } from './simple-pages.tsx'

type Provider = Reply<'GET /api/auth/providers'>['items'][number]

/** Where there are several identity providers, people choose with which they sign in. */
export default function ChooseProviderPage() {
  const { text } = useMessages()
  const [providers, setProviders] = useState<readonly Provider[] | 'failed'>([])
  const load = useCallback(() => {
    readProviders().then(setProviders, () => setProviders('failed'))
  }, [])
  useEffect(load, [load])
  return (
    <MessagePage title={text('action.signIn')}>
      <div className="choices" aria-live="polite">
        {providers === 'failed' ? (
          <>
            <p>{text('problem.unreachable')}</p>
            <button type="button" onClick={load}>
              {text('action.tryAgain')}
            </button>
          </>
        ) : (
          providers.map(({ id, name }) => (
            <a key={id} className="button large" href={signInUrlOf(id, location.search)}>
              {text('page.signInWith', { name })}
            </a>
          ))
        )}
      </div>
    </MessagePage>
  )
}

/** Without the SDK, whose requests need a session. */
async function readProviders(): Promise<Provider[]> {
  const response = await fetch('/api/auth/providers')
  if (!response.ok) throw new Error(`status ${response.status}`)
  const { items } = (await response.json()) as Reply<'GET /api/auth/providers'>
  return items
}
