// Asks @cloud-copilot/iam-simulate about policies: a JSON object a line in, a JSON array of verdicts a line out.
// One process answers thousands of questions:
// loading the package with its data on every AWS action takes longer than all of them.

import readline from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const named = (policies) => policies.map((policy, index) => ({ name: `p${index}`, policy }))

async function verdict(policies, request) {
  const simulation = {
    request: {
      principal: request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: policies.account },
      contextVariables: request.context
    },
    identityPolicies: named(policies.identity),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(policies.boundary && { permissionBoundaryPolicies: named([policies.boundary]) }),
    ...(policies.session && { sessionPolicy: policies.session }),
    ...(policies.resource && { resourcePolicy: policies.resource })
  }
  const answer = await runSimulation(simulation, { simulationMode: 'Strict' })
  if (answer.resultType === 'error') return { error: answer.errors }
  const ignored = answer.resultType === 'single' ? answer.result.ignoredContextKeys : []
  return ignored.length > 0 ? { error: { ignored } } : { result: answer.overallResult }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { policies, requests } = JSON.parse(line)
  const verdicts = []
  for (const request of requests) verdicts.push(await verdict(policies, request))
  process.stdout.write(JSON.stringify(verdicts) + '\n')
}
