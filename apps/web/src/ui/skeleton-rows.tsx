const ROWS = ['a', 'b', 'c']

/** In place of a list of rows until it is known. */
export function SkeletonRows() {
  return (
    <div className="settings" aria-hidden="true">
      {ROWS.map((row) => (
        <div className="skeleton list-header" key={row} />
      ))}
    </div>
  )
}
