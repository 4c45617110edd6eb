/** `Authorization: Internal-Secret …` guards the routes under `/internal`. */
export const INTERNAL_AUTH_SCHEME = 'Internal-Secret'
