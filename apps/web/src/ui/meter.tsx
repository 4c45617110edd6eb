/** The share from which a bar has the colour of a problem. */
const NEARLY_FULL = 0.9

/** How much of a limit is used, as a bar; only in words where there is no limit. */
export function Meter({
  label,
  used,
  limit,
  words,
}: {
  label: string
  used: number
  limit: number | null
  /** The same in words. */
  words: string
}) {
  return (
    <div className="quota">
      <span>{label}</span>
      <span className="hint">{words}</span>
      {limit !== null && (
        <meter
          aria-label={label}
          aria-valuetext={words}
          value={used}
          max={limit}
          low={NEARLY_FULL * limit}
          high={NEARLY_FULL * limit}
          optimum={0}
        />
      )}
    </div>
  )
}
