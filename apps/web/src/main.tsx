import './styles/base.css'
import './styles/kit.css'
import './styles/pages.css'
import './styles/dialogs.css'
import { createRoot } from 'react-dom/client'
import { preloadBoard } from './app/board-route.tsx'
import { readProblem } from './app/problem.ts'
import { Root } from './app/root.tsx'
import { openSession } from './app/session.ts'
import { followTheme } from './app/theme.ts'
import { followLanguage, openLanguage } from './language/language.ts'

const problem = readProblem()
// Everything else waits for it.
const opening = problem ? undefined : openSession(preloadBoard)
followTheme()
followLanguage()
const element = document.querySelector('#app')
const show = () =>
  element && createRoot(element).render(<Root problem={problem} opening={opening} />)
// A language that cannot be loaded leaves the one that is here.
openLanguage().then(show, show)
