import './styles/base.css'
import './styles/kit.css'
import './styles/pages.css'
import './styles/dialogs.css'
import { preloadBoardPage } from './app/board-page-code.ts'
import { askForToken } from './app/first-request.ts'
import { readProblem } from './app/problem.ts'
import { routeOf } from './app/router.ts'
import { followTheme } from './app/theme.ts'

const problem = readProblem()
if (!problem && routeOf(location.pathname).kind !== 'embedded') askForToken()
followTheme()
preloadBoardPage()
const opening = problem
  ? undefined
  : import('./app/open-first-session.ts').then(({ openFirstSession }) => openFirstSession())
void import('./app/show-app.tsx').then(({ showApp }) => showApp({ problem, opening }))
