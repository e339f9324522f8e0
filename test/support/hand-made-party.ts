/** What a hand-made deployment of one party needs to know. */
export interface HandMadeParty {
  readonly id: string
  /** Address that its ports are bound to. */
  readonly address: string
  /** Other parties' addresses by id. */
  readonly peers: Readonly<Record<string, string>>
}

/** A password that no format takes without quoting. */
export const PASSWORD = `it's \\ "a" %$pw`

const base = '/data/projects/fate'
const key = 'eggroll.resourcemanager'

/**
 * The files of one party's Compose project, by path: the least that the images want, written without the project's
 * own templates, so that the images are tried against the contract and not against the templates.
 */
export function handMadeParty(party: HandMadeParty): Record<string, string> {
  return {
    'docker-compose.yml': JSON.stringify(composeFile(party.address)),
    'mysql/1-tables.sql': tablesSql(),
    'mysql/2-user.sql': userSql(),
    'eggroll/eggroll.properties': eggrollProperties(),
    'eggroll/node-extend-env.properties': '',
    'eggroll/log4j2.xml': '<Configuration/>',
    'osx/broker.properties': 'eggroll.cluster.manager.ip=clustermanager\neggroll.cluster.manager.port=4670\n',
    'osx/route_table.json': JSON.stringify(routeTable(party)),
    'fate_flow/service_conf.yaml': JSON.stringify(serviceConf(party.id)),
    'fate_board/application.properties':
      'server.port=8080\nfateflow.url=http://fateflow:9380\n' +
      'server.board.login.username=admin\nserver.board.login.password=s3cret\n',
  }
}

/** The route table of a party; tests bend it. */
export function routeTable({ id, peers }: HandMadeParty) {
  const others = Object.entries(peers).map(([peer, ip]) => [peer, { default: [{ ip, port: 9370 }] }])
  const own = { [id]: { fateflow: [{ ip: 'fateflow', port: 9360 }] } }
  return { route_table: { ...own, ...Object.fromEntries(others) }, self_party: [id] }
}

/** The settings of FATE-Flow, as the object that its YAML says. */
export function serviceConf(id: string, cores = 16, password = PASSWORD) {
  return {
    party_id: id,
    fateflow: { host: 'fateflow', http_port: 9380, grpc_port: 9360, proxy_name: 'osx' },
    database: {
      engine: 'mysql',
      mysql: { name: 'fate_flow', user: 'fate', passwd: password, host: 'mysql', port: 3306 },
    },
    default_engines: { computing: 'eggroll', federation: 'osx', storage: 'eggroll' },
    computing: { eggroll: { cores, nodes: 1, host: 'clustermanager', port: 4670 } },
    federation: { osx: { host: 'osx', port: 9370, mode: 'stream' } },
  }
}

function composeFile(address: string) {
  const volume = (from: string, to: string) => `./${from}:${base}/${to}`
  return {
    services: {
      mysql: {
        ...service('mysql:8.0.28'),
        environment: { MYSQL_ROOT_PASSWORD: 'root password' },
        volumes: ['./mysql:/docker-entrypoint-initdb.d', './data:/var/lib/mysql'],
      },
      clustermanager: manager('clustermanager', 4670),
      nodemanager: manager('nodemanager', 4671),
      osx: {
        ...service('federatedai/osx:2.2.0-release'),
        ports: [`${address}:9370:9370`],
        volumes: [volume('osx', 'osx/conf/broker')],
        command: ['sh', '-c', osxCommand()],
      },
      fateflow: {
        ...service('federatedai/fateflow:2.2.0-release'),
        ports: [`${address}:9380:9380`],
        volumes: [
          volume('fate_flow/service_conf.yaml', 'fate_flow/conf/service_conf.yaml'),
          volume('eggroll', 'eggroll/conf'),
        ],
        command: ['bash', '-c', 'exec python fate_flow/python/fate_flow/fate_flow_server.py'],
      },
      fateboard: {
        ...service('federatedai/fateboard:2.1.1-release'),
        ports: [`${address}:8080:8080`],
        volumes: [volume('fate_board', 'fate_board/conf')],
      },
      client: { ...service('federatedai/client:2.0.0-release'), ports: [`${address}:20000:20000`] },
    },
  }
}

function service(image: string) {
  return { image, restart: 'always', stop_grace_period: '1s' }
}

function manager(name: string, port: number) {
  const main = `org.fedai.eggroll.${name}.Bootstrap -p ${port} -s EGGROLL_DAEMON`
  const settings = `-Dlog4j.configurationFile=$\${EGGROLL_HOME}/conf/log4j2.xml -Dmodule=${name}`
  return {
    ...service('federatedai/eggroll:3.2.0-release'),
    volumes: [`./eggroll:${base}/eggroll/conf`],
    command: ['bash', '-c', `java -server ${settings} -cp "$\${EGGROLL_HOME}/lib/*" ${main}`],
  }
}

/** The broker's start; `classPath` and `main` are for tests that get them wrong. */
export function osxCommand(
  classPath = 'conf/broker/:lib/*:extension/*:lib/osx-broker-1.1.0.jar:pb_lib/v3/*',
  main = 'org.fedai.osx.broker.Bootstrap',
) {
  return `exec java -Xms64m -Xmx256m -cp '${classPath}' ${main} -c ${base}/osx/conf`
}

function eggrollProperties() {
  return [
    '[eggroll]',
    `${key}.clustermanager.jdbc.driver.class.name=com.mysql.cj.jdbc.Driver`,
    `${key}.clustermanager.jdbc.url=jdbc:mysql://mysql:3306/fate_flow?useSSL=false&serverTimezone=UTC`,
    `${key}.clustermanager.jdbc.username=fate`,
    `${key}.clustermanager.jdbc.password=${PASSWORD.replaceAll('\\', '\\\\')}`,
    `${key}.clustermanager.host=clustermanager`,
    `${key}.clustermanager.port=4670`,
    `${key}.nodemanager.host=nodemanager`,
    'eggroll.session.processors.per.node=16',
    '',
  ].join('\n')
}

function userSql() {
  const quoted = PASSWORD.replaceAll('\\', '\\\\').replaceAll("'", "''")
  return `create user 'fate'@'%' identified by '${quoted}';\ngrant all on fate_flow.* to 'fate'@'%';\n`
}

/** Eggroll's tables, with no more columns than somebody reads. */
function tablesSql() {
  const tables = {
    store_locator: 'store_locator_id serial',
    store_option: 'store_option_id serial',
    store_partition: 'store_partition_id serial',
    server_node:
      'server_node_id serial, name varchar(255), server_cluster_id bigint, host varchar(1000), port int, ' +
      'node_type varchar(255), status varchar(255), last_heartbeat_at datetime',
    session_main:
      'session_id varchar(767) primary key, name varchar(255), status varchar(255), tag varchar(255), ' +
      'total_proc_count int, active_proc_count int',
    session_option: 'session_option_id serial',
    session_processor: 'processor_id serial',
    processor_resource: 'id serial, extention varchar(512)',
    node_resource:
      'resource_id serial, server_node_id bigint unsigned, resource_type varchar(255), total bigint, used bigint, ' +
      'pre_allocated bigint, allocated bigint, extention varchar(512), status varchar(255), ' +
      'unique (server_node_id, resource_type)',
    session_ranks: 'container_id bigint',
  }
  const statements = Object.entries(tables).map(
    ([name, columns]) => `create table ${name} (${columns}) default charset latin1;`,
  )
  return ['create database fate_flow;', 'use fate_flow;', ...statements, ''].join('\n')
}
