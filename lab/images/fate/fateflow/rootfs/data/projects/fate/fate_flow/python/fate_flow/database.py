"""FATE-Flow's tables in the deployed MySQL: jobs, tasks, and the cores that jobs have booked."""

import json
import time

import pymysql

TABLES = (
    'create table if not exists t_job (f_job_id varchar(64), f_role varchar(32), f_party_id varchar(32),'
    ' f_status varchar(32), f_progress int default 0, f_cores int default 0, f_resource_in_use tinyint default 0,'
    ' f_dag longtext, f_scheduler_party_id varchar(32), f_create_time bigint, f_start_time bigint, f_end_time bigint,'
    ' primary key (f_job_id, f_role, f_party_id))',
    'create table if not exists t_task (f_job_id varchar(64), f_task_name varchar(128), f_task_id varchar(128),'
    ' f_role varchar(32), f_party_id varchar(32), f_status varchar(32), f_message text,'
    ' primary key (f_job_id, f_task_name, f_role, f_party_id))',
    'create table if not exists t_schedule_job (f_job_id varchar(64) primary key, f_status varchar(32),'
    ' f_dag longtext, f_create_time bigint)',
    'create table if not exists t_engine_registry (f_engine_type varchar(32), f_engine_name varchar(32), f_cores int,'
    ' f_remaining_cores int, primary key (f_engine_type, f_engine_name))',
    'create table if not exists t_table (f_namespace varchar(128), f_name varchar(128), f_count bigint,'
    ' f_engine varchar(32), f_ids longtext, f_label varchar(255), primary key (f_namespace, f_name))',
    'create table if not exists t_server (f_server_name varchar(64) primary key, f_host varchar(255),'
    ' f_port varchar(64))',
)
RUN = "f_engine_type='computing' and f_engine_name=%s"


class DatabaseError(Exception):
    """The database does not let us in, or refuses a statement."""


def milliseconds():
    return int(time.time() * 1000)


class Database:
    """One short connection for each piece of work, so that a database that came back is used again at once."""

    def __init__(self, conf):
        engine = conf.section('database').get('engine', 'sqlite')
        if engine != 'mysql':
            raise DatabaseError(f'this double has no database engine {engine}, only mysql')
        mysql = conf.section('database', 'mysql')
        self.account = {'host': mysql.get('host', '127.0.0.1'), 'port': mysql.get('port', 3306),
                        'user': str(mysql.get('user', 'fate')), 'password': str(mysql.get('passwd', 'fate')),
                        'database': mysql.get('name', 'fate_flow')}
        self.computing = conf.computing

    def run(self, sql, *arguments):
        """Rows as dicts without the prefix f_, or the number of rows changed. Raises DatabaseError."""
        try:
            connection = pymysql.connect(**self.account, connect_timeout=10, autocommit=True, charset='utf8mb4',
                                         cursorclass=pymysql.cursors.DictCursor, client_flag=2)  # 2: count rows found
            with connection, connection.cursor() as cursor:
                changed = cursor.execute(sql, arguments)
                if cursor.description is None:
                    return changed
                rows = cursor.fetchall()
                return [{key.removeprefix('f_'): value for key, value in row.items()} for row in rows]
        except (pymysql.MySQLError, OSError, RuntimeError) as error:
            raise DatabaseError(f'{self.account["user"]}@{self.account["host"]}: {error}') from error

    def prepare(self, conf):
        """Makes the tables, registers the server, and brings the cores up to the settings; booked ones stay."""
        for table in TABLES:
            self.run(table)
        self.run('replace into t_server values (%s, %s, %s)', 'fateflow', conf.host, str(conf.http_port))
        found = self.run(f'select f_cores from t_engine_registry where {RUN}', conf.computing)
        if found:
            self.run('update t_engine_registry set f_remaining_cores=f_remaining_cores+%s-f_cores, f_cores=%s '
                     f'where {RUN}', conf.cores, conf.cores, conf.computing)
        else:
            self.run("insert into t_engine_registry values ('computing', %s, %s, %s)",
                     conf.computing, conf.cores, conf.cores)

    # --- cores

    def cores(self):
        """(total, free) of the computing engine."""
        row = self.run(f'select f_cores, f_remaining_cores from t_engine_registry where {RUN}', self.computing)[0]
        return row['cores'], row['remaining_cores']

    def book(self, job):
        """Takes the job's cores if so many are free; tells whether it did."""
        if not self.run(f'update t_engine_registry set f_remaining_cores=f_remaining_cores-%s where {RUN} '
                        'and f_remaining_cores>=%s', job['cores'], self.computing, job['cores']):
            return False
        self.update_job(job, resource_in_use=1)
        return True

    def give_back(self, job):
        where = 'f_job_id=%s and f_role=%s and f_party_id=%s and f_resource_in_use=1'
        if self.run(f'update t_job set f_resource_in_use=0 where {where}', job['job_id'], job['role'], job['party_id']):
            self.run(f'update t_engine_registry set f_remaining_cores=least(f_cores, f_remaining_cores+%s) where {RUN}',
                     job['cores'], self.computing)

    # --- jobs

    def add_job(self, job):
        self.run("insert into t_job values (%s, %s, %s, 'waiting', 0, %s, 0, %s, %s, %s, null, null)",
                 job['job_id'], job['role'], job['party_id'], job['cores'], json.dumps(job['dag']),
                 job['scheduler_party_id'], milliseconds())

    def update_job(self, job, **columns):
        sets = ', '.join(f'f_{name}=%s' for name in columns)
        return self.run(f'update t_job set {sets} where f_job_id=%s and f_role=%s and f_party_id=%s', *columns.values(),
                        job['job_id'], job['role'], job['party_id'])

    def jobs(self, limit=None, offset=0, **wanted):
        """This party's jobs, newest first, with those columns that are not None equal to what is wanted."""
        wanted = {name: value for name, value in wanted.items() if value is not None}
        where = ' and '.join(['1=1', *(f'f_{name}=%s' for name in wanted)])
        pages = f' limit {int(limit)} offset {int(offset)}' if limit else ''
        rows = self.run(f'select * from t_job where {where} order by f_create_time desc{pages}', *wanted.values())
        for row in rows:
            row['dag'] = json.loads(row['dag'])
            row['elapsed'] = (row['end_time'] or milliseconds()) - row['start_time'] if row['start_time'] else 0
        return rows
