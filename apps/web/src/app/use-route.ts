import { useCallback, useEffect, useState } from 'react'
import { type Route, routeOf } from './router.ts'

const currentRoute = () => routeOf(location.pathname)

/**
 * What the address of the page leads to, and a function that goes to another path of the web app. It is another object
 * after each navigation, also to where the user is.
 */
export function useRoute(): [route: Route, navigate: (path: string) => void] {
  const [route, setRoute] = useState(currentRoute)
  useEffect(() => {
    const update = () => setRoute(currentRoute())
    addEventListener('popstate', update)
    return () => removeEventListener('popstate', update)
  }, [])
  const navigate = useCallback((path: string) => {
    history.pushState(null, '', path)
    setRoute(currentRoute())
  }, [])
  return [route, navigate]
}
