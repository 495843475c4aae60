// Creates a Bluesky network on the ports named in the environment, with two accounts, and writes
// where everything is to ANSWER_FILE once the AppView shows both.
import { randomBytes } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { TestNetwork, mockMailer } from '@atproto/dev-env'

const port = (name) => Number(process.env[name])
const secret = () => randomBytes(12).toString('hex')

const network = await TestNetwork.create({
  plc: { port: port('PLC_PORT') },
  pds: { port: port('PDS_PORT'), hostname: 'localhost', enableDidDocWithSession: true },
  bsky: {
    port: port('APPVIEW_PORT'),
    publicUrl: `http://localhost:${port('APPVIEW_PORT')}`,
    dbPostgresSchema: 'bsky',
  },
  ozone: {
    port: port('OZONE_PORT'),
    chatUrl: 'http://localhost:9', // chat is not part of this network; the setting is required
    chatDid: 'did:example:chat',
  },
})
mockMailer(network.pds)

async function createAccount(name) {
  const handle = `${name}.test`
  const password = secret()
  const agent = network.pds.getAgent()
  await agent.createAccount({ handle, password, email: `${name}@mail.test` })
  return { agent, account: { handle, did: agent.assertDid, password } }
}

// For about half a second after an account is made the AppView answers 400 "Profile not found".
async function waitForProfile(agent, did) {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      return await agent.getProfile({ actor: did })
    } catch {
      await pause(50)
    }
  }
  throw new Error(`the AppView does not show ${did}`)
}

const brand = await createAccount('brand')
const fan = await createAccount('fan')
const made = await brand.agent.com.atproto.server.createAppPassword({ name: 'replydesk' })
brand.account.app_password = made.data.password
await Promise.all([brand, fan].map(({ agent, account }) => waitForProfile(agent, account.did)))

const answer = {
  pds: network.pds.url,
  appview: network.bsky.url,
  brand: brand.account,
  fan: fan.account,
}
writeFileSync(`${process.env.ANSWER_FILE}.part`, JSON.stringify(answer), { mode: 0o600 })
renameSync(`${process.env.ANSWER_FILE}.part`, process.env.ANSWER_FILE)
