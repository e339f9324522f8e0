import { expect } from 'chai'
import { changed, useConfFolder } from './conf-folder.js'

describe('parties.conf is refused', () => {
  const { problems } = useConfFolder()

  const refusals: readonly [string, string[], string | undefined, RegExp][] = [
    [
      'a key',
      ['storag=HDFS'],
      undefined,
      /^parties\.conf:\d+:1: .*no key "storag"; did you mean "storage"\?/,
    ],
    ['a user', ['user=a b'], undefined, /^parties\.conf:1:8: "b" follows the value/],
    ['a folder', ['dir=data'], undefined, /^parties\.conf:2:5: dir is "data"; allowed: an absolute path/],
    [
      'an id',
      ['party_list=(10000 a1)'],
      undefined,
      /^parties\.conf:3:19: party_list is "a1"; allowed: digits/,
    ],
    [
      'an id twice',
      ['party_list=(10000 10000)'],
      undefined,
      /^parties\.conf:3:19: party 10000 is in the list twice/,
    ],
    [
      'an address',
      ['party_ip_list=(10.0.0.1 10.0.0.300)'],
      undefined,
      /^parties\.conf:4:25: party_ip_list is "10\.0\.0\.300"/,
    ],
    [
      'too few addresses',
      ['party_ip_list=(10.0.0.1)'],
      undefined,
      /^parties\.conf:4:1: party_list has 2 parties, and party_ip_list has 1 addresses/,
    ],
    [
      'too many serving hosts',
      ['serving_ip_list=(1.1.1.1 1.1.1.2 1.1.1.3)'],
      undefined,
      /^parties\.conf:5:1: .*serving_ip_list has 3/,
    ],
    [
      'a computing engine',
      ['computing=Flink'],
      undefined,
      /^parties\.conf:9:11: computing is "Flink"; allowed: Eggroll, Spark, Spark_local/,
    ],
    [
      'the old name of OSX',
      ['federation=Eggroll'],
      undefined,
      /^parties\.conf:11:12: federation is "Eggroll"; .*since FATE 2/,
    ],
    ['a storage', ['storage=S3'], undefined, /^parties\.conf:13:9: storage is "S3"/],
    [
      'a combination',
      ['federation=Pulsar'],
      undefined,
      /^parties\.conf:.*cannot be Pulsar; allowed .*: Eggroll, OSX, Eggroll; Spark, OSX, HDFS/,
    ],
    [
      'an algorithm',
      ['algorithm=LLM'],
      undefined,
      /^parties\.conf:15:11: algorithm is "LLM"; allowed: Basic, NN, ALL/,
    ],
    [
      'a variant without images',
      ['algorithm=ALL'],
      undefined,
      /no FATE images exist for algorithm ALL on CPU/,
    ],
    ['a device', ['device=TPU'], undefined, /^parties\.conf:17:8: device is "TPU"; allowed: CPU, IPCL, GPU/],
    [
      'cores',
      ['compute_core=two'],
      undefined,
      /^parties\.conf:20:14: compute_core is "two"; allowed: 4 to 4096/,
    ],
    ['GPUs', ['gpu_count=-1'], undefined, /^parties\.conf:23:11: gpu_count is "-1"/],
    ['an exchange', ['exchangeip=a b'], undefined, /^parties\.conf:\d+:14: "b" follows the value/],
    [
      'a database host',
      ['mysql_ip=db:3306'],
      undefined,
      /^parties\.conf:26:10: mysql_ip is "db:3306"; allowed: an IPv4 address or a host name/,
    ],
    ['an account', ["mysql_user='a b'"], undefined, /^parties\.conf:27:12: mysql_user is "a b"/],
    [
      'a password, without telling it',
      ["mysql_password='pä55'"],
      undefined,
      /^parties\.conf:28:16: mysql_password is no password; allowed: printable ASCII/,
    ],
    ['a database', ['mysql_db=a-b'], undefined, /^parties\.conf:29:10: mysql_db is "a-b"/],
    [
      'a time zone',
      ['serverTimezone=8'],
      undefined,
      /^parties\.conf:30:16: serverTimezone is "8"; allowed: a time zone/,
    ],
    [
      'a name node',
      ['name_node=namenode'],
      undefined,
      /^parties\.conf:32:11: name_node is "namenode"; allowed: hdfs:/,
    ],
    ['a login', ["fateboard_username='a b'"], undefined, /^parties\.conf:35:20: fateboard_username is "a b"/],
    [
      'a list for a value',
      ['computing=(Eggroll)'],
      undefined,
      /^parties\.conf:9:1: computing is a list; write computing=value/,
    ],
    ['a registry', [], 'RegistryURI=harbor/x', /^\.env:1:13: registry "harbor\/x": Docker takes "harbor"/],
    ['a port', [], 'SSH_PORT=ssh', /^\.env:1:10: SSH_PORT is "ssh"; allowed: 1 to 65535/],
    ['an image', [], 'OSX_IMAGE=Fed/osx', /^\.env:1:11: OSX_IMAGE is "Fed\/osx", which makes no image name/],
    [
      'a line of FATE',
      [],
      'FATEFlow_IMAGE_TAG=1.11.3-release',
      /^\.env:1:20: .*1\.11\.3-release; allowed: images of FATE 2\.2 or 2\.0/,
    ],
    [
      'lines that do not fit together',
      [],
      'OSX_IMAGE_TAG=2.0.0-release',
      /^\.env:1:15: the image osx has the tag 2\.0\.0-release/,
    ],
    [
      'a key of .env',
      [],
      'RegistryURL=x',
      /^\.env:1:1: \.env has no key "RegistryURL"; did you mean "RegistryURI"/,
    ],
  ]
  for (const [name, lines, env, message] of refusals) {
    it(`refuses ${name} at its place`, async () => {
      expect((await problems(changed(...lines), env)).join('\n')).to.match(message)
    })
  }
})
