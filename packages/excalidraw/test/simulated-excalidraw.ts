import type {
  AppState,
  BinaryFileData,
  BinaryFiles,
  Collaborator,
  ExcalidrawImperativeAPI,
} from '@excalidraw/excalidraw/types'
import { generateKeyBetween } from 'fractional-indexing'
import type { ExcalidrawApi } from '../src/excalidraw-api.ts'
import type { ExcalidrawBoardProps } from '../src/use-excalidraw-board.ts'

type Elements = ReturnType<ExcalidrawApi['getSceneElementsIncludingDeleted']>
type OnChange = Parameters<ExcalidrawApi['onChange']>[0]
type OnScroll = Parameters<ExcalidrawApi['onScrollChange']>[0]
type OnFollow = Parameters<ExcalidrawApi['onUserFollow']>[0]

/** Calls listeners until they leave. */
class Listeners<Listener> extends Set<Listener> {
  readonly on = (listener: Listener) => {
    this.add(listener)
    return () => void this.delete(listener)
  }
}

/** What Excalidraw is to whoever connects it, without a screen. Elements are changed in place, as it does. */
export class SimulatedExcalidraw implements ExcalidrawApi {
  /** Where the view is after {@link scrollToContent}. */
  static readonly CONTENT_X = 300
  /** What connects it, as it was given last. */
  props: ExcalidrawBoardProps | undefined
  elements: Record<string, any>[] = []
  files: BinaryFiles = {}
  collaborators = new Map<string, Collaborator>()
  readonly toasts: string[] = []
  readonly #state: Partial<AppState> & Record<string, unknown> = {
    isLoading: false,
    cursorButton: 'up',
    viewBackgroundColor: '#ffffff',
    selectedElementIds: {},
    scrollX: 0,
    scrollY: 0,
    zoom: { value: 1 } as AppState['zoom'],
  }
  readonly #changes = new Listeners<OnChange>()
  readonly #scrolls = new Listeners<OnScroll>()
  readonly #follows = new Listeners<OnFollow>()
  readonly onChange = this.#changes.on
  readonly onScrollChange = this.#scrolls.on
  readonly onUserFollow = this.#follows.on

  get isConnected(): boolean {
    return this.#changes.size > 0
  }

  get visible(): string[] {
    return this.elements.filter(({ isDeleted }) => !isDeleted).map(({ id }) => id)
  }

  get(id: string): Record<string, any> | undefined {
    return this.elements.find((element) => element.id === id)
  }

  getAppState = () => this.#state as AppState
  getFiles = () => this.files
  getSceneElements = () => this.elements.filter(({ isDeleted }) => !isDeleted)
  getSceneElementsIncludingDeleted = () => this.elements as unknown as Elements
  setToast: ExcalidrawApi['setToast'] = (toast) => void (toast && this.toasts.push(toast.message))

  addFiles = (files: BinaryFileData[]): void => {
    for (const file of files) this.files = { ...this.files, [file.id]: file }
  }

  updateScene: ExcalidrawImperativeAPI['updateScene'] = ({ elements, appState, collaborators }) => {
    if (elements) this.elements = [...elements]
    if (collaborators) this.collaborators = new Map(collaborators)
    Object.assign(this.#state, appState)
    // As React renders: later.
    queueMicrotask(() => this.#changed())
  }

  scrollToContent = (): void => {
    this.#state.scrollX = SimulatedExcalidraw.CONTENT_X
    queueMicrotask(() => this.#changed())
  }

  /** The user draws. */
  draw(element: { id: string; type: string } & Record<string, unknown>): void {
    const index = generateKeyBetween(this.elements.at(-1)?.index ?? null, null)
    const whole = { x: 0, y: 0, width: 10, height: 10, index, isDeleted: false, ...element }
    this.elements.push({ ...whole, version: 1, versionNonce: 1 })
    this.#changed()
  }

  /** The user changes something. */
  change(id: string, change: object): void {
    const element = this.get(id)
    Object.assign(element ?? {}, change, { version: element?.version + 1 })
    this.#changed()
  }

  /** The user opens a file. */
  open(elements: Record<string, unknown>[]): void {
    this.elements = elements.map((element) => ({ ...element, version: 1, versionNonce: 1 }))
    this.#changed()
  }

  /** The user inserts a picture. @returns its file id */
  async insert(file: File): Promise<string> {
    const id = await this.choose(file)
    await this.place(id, file)
    return id
  }

  /** The first half of inserting a picture. @returns its file id */
  async choose(file: File): Promise<string> {
    if (!this.props) throw new Error('It is not connected')
    return this.props.generateIdForFile(file)
  }

  /** The second half, once the picture is decoded. */
  async place(id: string, file: File): Promise<void> {
    const bytes = Buffer.from(await file.arrayBuffer())
    this.#hold(id as BinaryFileData['id'], bytes, file.type)
    this.draw({ id: `picture of ${file.name}`, type: 'image', fileId: id })
  }

  /** The user inserts what a library has, whose pictures have ids of their own. */
  insertFromLibrary(id: string, bytes: Buffer, type: string): void {
    this.#hold(id as BinaryFileData['id'], bytes, type)
    this.draw({ id: `picture of ${id}`, type: 'image', fileId: id })
  }

  setState(state: Partial<AppState>): void {
    Object.assign(this.#state, state)
    this.#changed()
  }

  scroll(x: number, y: number, zoom: number): void {
    this.setState({ scrollX: x, scrollY: y, zoom: { value: zoom } as AppState['zoom'] })
    for (const listener of this.#scrolls) listener(x, y, this.getAppState().zoom)
  }

  follow(socketId: string, action: 'FOLLOW' | 'UNFOLLOW'): void {
    const userToFollow = { socketId, username: '' } as Parameters<OnFollow>[0]['userToFollow']
    for (const listener of this.#follows) listener({ userToFollow, action })
  }

  #hold(id: BinaryFileData['id'], bytes: Buffer, type: string): void {
    const mimeType = type as BinaryFileData['mimeType']
    const dataURL = `data:${type};base64,${bytes.toString('base64')}` as BinaryFileData['dataURL']
    this.addFiles([{ id, mimeType, dataURL, created: 1 }])
  }

  #changed(): void {
    const state = this.getAppState()
    const elements = this.elements as unknown as Parameters<OnChange>[0]
    for (const listener of [...this.#changes]) listener(elements, state, this.files)
  }
}
