import { type ComponentProps, forwardRef } from 'react'
import { Icon } from './icon.tsx'
import type { IconName } from './icons.ts'

type Props = ComponentProps<'button'> & { icon: IconName; label: string }

/** A button with only an icon; `label` is its accessible name and tooltip. */
export const IconButton = forwardRef<HTMLButtonElement, Props>(
  ({ icon, label, className = '', ...rest }, ref) => (
    <button
      type="button"
      ref={ref}
      className={`icon-button ${className}`}
      title={label}
      aria-label={label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  ),
)
