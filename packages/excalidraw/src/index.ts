'use client'

export { colorsOf } from './colors.ts'
export { drawable } from './drawable.ts'
export type { BindingOptions } from './excalidraw-binding.ts'
export { ExcalidrawBoard, type ExcalidrawBoardComponentProps } from './excalidraw-board.ts'
export type { Refusal } from './refusals.ts'
export { type ExcalidrawBoardProps, useExcalidrawBoard } from './use-excalidraw-board.ts'
