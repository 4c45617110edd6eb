import { useMessages } from '../language/language.ts'
import { SkeletonRows } from '../ui/skeleton-rows.tsx'

/** In place of the settings until they are known. */
export function SettingsSkeleton() {
  const { text } = useMessages()
  return (
    <>
      <p className="visually-hidden">{text('boards.loading')}</p>
      <div className="skeleton list-header" />
      <div className="skeleton tabs" />
      <SkeletonRows />
    </>
  )
}
