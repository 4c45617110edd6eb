import type { WorkspaceUsage } from '@mindfuse/client'
import { useMessages } from '../language/language.ts'
import { Meter } from '../ui/meter.tsx'

/** How much of each quota is used. */
export function UsageMeters({
  usage: { boards, storageBytes, assetBytes },
}: {
  usage: Pick<WorkspaceUsage, 'boards' | 'storageBytes' | 'assetBytes'>
}) {
  const { text, number, locale } = useMessages()
  const sizes = new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: 'megabyte',
    maximumFractionDigits: 1,
  })
  const size = (bytes: number) => sizes.format(bytes / 1024 ** 2)
  const meters = [
    { label: text('usage.boards'), ...boards, show: number },
    { label: text('usage.storage'), ...storageBytes, show: size },
    { label: text('usage.files'), ...assetBytes, show: size },
  ]
  return (
    <div className="quotas">
      {meters.map(({ label, used, limit, show }) => (
        <Meter
          key={label}
          label={label}
          used={used}
          limit={limit}
          words={
            limit === null
              ? text('usage.unlimited', { used: show(used) })
              : text('usage.of', { used: show(used), limit: show(limit) })
          }
        />
      ))}
    </div>
  )
}
