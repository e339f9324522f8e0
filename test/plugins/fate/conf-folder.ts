import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FplayError } from '../../../engine/errors.js'
import type { Inventory } from '../../../engine/inventory/hosts.js'
import { loadInventory } from '../../../engine/inventory/load.js'

/** The example of KubeFATE's document on deploying FATE with Docker Compose, word for word, blanks included. */
export const EXAMPLE = `user=fate
dir=/data/projects/fate
party_list=(10000 9999)
party_ip_list=(192.168.7.1 192.168.7.2)
serving_ip_list=(192.168.7.1 192.168.7.2)

# Engines:
# Computing : Eggroll, Spark, Spark_local
computing=Eggroll
# Federation: OSX(computing: Eggroll/Spark/Spark_local), Pulsar/RabbitMQ(computing: Spark/Spark_local)
federation=OSX
# Storage: Eggroll(computing: Eggroll), HDFS(computing: Spark), LocalFS(computing: Spark_local)
storage=Eggroll
# Algorithm: Basic, NN, ALL
algorithm=Basic
# Device: CPU, IPCL, GPU
device=CPU
   
# spark and eggroll 
compute_core=16
   
# You only need to configure this parameter when you want to use the GPU, the default value is 1
gpu_count=0
   
# modify if you are going to use an external db
mysql_ip=mysql
mysql_user=fate
mysql_password=fate_dev
mysql_db=fate_flow
serverTimezone=UTC
   
name_node=hdfs://namenode:9000
   
# Define fateboard login information
fateboard_username=admin
fateboard_password=admin

`

/** The .env that KubeFATE 2.0.0 ships, as far as it names images. */
export const ENV = `RegistryURI=
SERVING_TAG=2.1.6-release
SSH_PORT=22
KubeFATE_Version=v2.0.0-release
FATEFlow_IMAGE=federatedai/fateflow
FATEFlow_IMAGE_TAG=2.0.0-release
EGGRoll_IMAGE=federatedai/eggroll
EGGRoll_IMAGE_TAG=2.0.0-release
OSX_IMAGE=federatedai/osx
OSX_IMAGE_TAG=2.0.0-release
MySQL_IMAGE=mysql
MySQL_IMAGE_TAG=8.0.28
Client_IMAGE=federatedai/client
Client_IMAGE_TAG=2.0.0-release
`

/** The example with lines in the place of those that set the same keys. */
export function changed(...lines: string[]): string {
  return lines.reduce((text, line) => {
    const key = line.slice(0, line.indexOf('='))
    const found = new RegExp(`^${key}=.*$`, 'm')
    return found.test(text) ? text.replace(found, () => line) : `${text}${line}\n`
  }, EXAMPLE)
}

/** A folder with a parties.conf, another for each test. */
export interface ConfFolder {
  /** Writes the file, and .env beside it where given, and loads them. */
  load(conf: string, env?: string): Promise<Inventory>
  /** What is wrong with them, one line each, with the names of the files alone. */
  problems(conf: string, env?: string): Promise<string[]>
  /** Path of a file of the folder. */
  path(name: string): string
}

/** For a `describe`. */
export function useConfFolder(): ConfFolder {
  let folder = ''
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'fplay-conf-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  async function load(conf: string, env?: string): Promise<Inventory> {
    writeFileSync(join(folder, 'parties.conf'), conf)
    if (env !== undefined) writeFileSync(join(folder, '.env'), env)
    const { inventory } = await loadInventory([join(folder, 'parties.conf')])
    return inventory
  }

  async function problems(conf: string, env?: string): Promise<string[]> {
    try {
      await load(conf, env)
      return []
    } catch (error) {
      if (error instanceof FplayError)
        return error.message.split('\n').map((line) => line.replace(`${folder}/`, ''))
      throw error
    }
  }
  return { load, problems, path: (name) => join(folder, name) }
}
