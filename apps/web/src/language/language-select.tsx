import { Select } from '../ui/select.tsx'
import { attempt } from '../ui/toast.ts'
import { chooseLanguage, LANGUAGES, nameOfLanguage, useMessages } from './language.ts'

/** The choice of a language. */
export function LanguageSelect() {
  const { text, language } = useMessages()
  return (
    <Select
      label={text('account.language')}
      value={language}
      options={LANGUAGES.map((value) => ({ value, label: nameOfLanguage(value) }))}
      onChange={(value) => attempt(() => chooseLanguage(value))}
    />
  )
}
