import { parser } from '@prometheus-io/lezer-promql'

/** A metric that an expression asks for, and the labels that it goes by. */
export interface MetricUse {
  name: string
  /** In its selector. */
  labels: string[]
}

/** What an expression in PromQL asks for. @throws Error where it is none */
export function readExpression(expression: string): { metrics: MetricUse[]; grouping: string[] } {
  const metrics: MetricUse[] = []
  const grouping: string[] = []
  const text = (node: { from: number; to: number }) => expression.slice(node.from, node.to)
  parser.parse(expression).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`this is no PromQL: ${expression}`)
      if (node.name === 'VectorSelector') {
        const name = node.node.getChild('Identifier')
        const matchers = node.node.getChild('LabelMatchers')
        metrics.push({
          name: name ? text(name) : '',
          labels: [...(matchers?.getChildren('UnquotedLabelMatcher') ?? [])].map((matcher) =>
            text(matcher.getChild('LabelName')!),
          ),
        })
      }
      if (node.name === 'GroupingLabels') {
        grouping.push(...node.node.getChildren('LabelName').map(text))
      }
    },
  })
  return { metrics, grouping }
}

/** The labels of each metric in Prometheus' text format, by its name. */
export function readExposition(body: string): Map<string, Set<string>> {
  const metrics = new Map<string, Set<string>>()
  for (const line of body.split('\n')) {
    const sample = /^([a-z_]\w*)(?:\{(.*)\})? \S+$/i.exec(line)
    if (!sample) continue
    const [, name = '', labels = ''] = sample
    const known = metrics.get(name) ?? new Set()
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label)
    metrics.set(name, known)
  }
  return metrics
}
