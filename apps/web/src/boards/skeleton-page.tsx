const CARDS = ['a', 'b', 'c', 'd', 'e', 'f']

/** What the page of boards looks like before they are known: as large, so that nothing moves. */
export function SkeletonPage() {
  return (
    <div className="skeleton-page" aria-hidden="true">
      <span className="skeleton tabs" />
      <span className="skeleton list-header" />
      <span className="skeleton list-controls" />
      <SkeletonCards />
    </div>
  )
}

/** The same of a list of cards. */
export function SkeletonCards() {
  return (
    <ul className="cards" aria-hidden="true">
      {CARDS.map((key) => (
        <li className="card" key={key}>
          <span className="thumbnail skeleton" />
          <span className="card-name">&nbsp;</span>
          <span className="card-note">&nbsp;</span>
        </li>
      ))}
    </ul>
  )
}
