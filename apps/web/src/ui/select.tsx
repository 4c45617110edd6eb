/** A choice in the browser's own list, which works with every input and at every size. */
export function Select<Value extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: Value
  options: readonly { value: Value; label: string }[]
  onChange: (value: Value) => void
}) {
  return (
    <select
      aria-label={label}
      title={label}
      value={value}
      onChange={(event) => onChange(event.target.value as Value)}
    >
      {options.map((option) => (
        <option dir="auto" key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}
