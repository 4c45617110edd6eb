import { useState } from 'react'
import type { App } from '../app/app.ts'
import { useMessages } from '../language/language.ts'
import { messageOf, toast } from '../ui/toast.ts'

/** Everything that is stored about the user, as a file. */
export function DownloadData({ app }: { app: App }) {
  const { text } = useMessages()
  const [isBusy, setBusy] = useState(false)
  const download = async () => {
    setBusy(true)
    try {
      const bytes = await app.client.api.request('GET /api/auth/me/export')
      saveFile(new Blob([bytes as Uint8Array<ArrayBuffer>]), 'mindfuse-account.jsonl')
    } catch (error) {
      toast(messageOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <section className="settings">
      <h2>{text('account.export')}</h2>
      <p className="hint">{text('account.export.text')}</p>
      <div>
        <button type="button" disabled={isBusy} onClick={() => void download()}>
          {text('account.export.action')}
        </button>
      </div>
    </section>
  )
}

function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
