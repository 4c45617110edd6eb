import './styles/base.css'
import './styles/pages.css'
import './styles/board.css'
import { createRoot } from 'react-dom/client'
import { readProblem } from './app/problem.ts'
import { Root } from './app/root.tsx'

const element = document.querySelector('#app')
if (element) createRoot(element).render(<Root problem={readProblem()} />)
