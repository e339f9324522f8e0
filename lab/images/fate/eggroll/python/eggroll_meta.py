"""The meta database of the Eggroll doubles: the tables that the init SQL must have made, read and written for real."""

import re

import pymysql

KEY = 'eggroll.resourcemanager.clustermanager.jdbc.'
URL = re.compile(r'jdbc:mysql://([^:/?]+)(?::(\d+))?/([^?]+)(?:\?(.*))?')
DRIVER = 'com.mysql.cj.jdbc.Driver'
LOST_AFTER = 12  # seconds without a heartbeat
TABLES = {
    'store_locator': 'store_locator_id', 'store_option': 'store_option_id', 'store_partition': 'store_partition_id',
    'server_node': 'server_node_id, name, server_cluster_id, host, port, node_type, status, last_heartbeat_at',
    'session_main': 'session_id, name, status, tag, total_proc_count, active_proc_count',
    'session_option': 'session_option_id',
    'session_processor': 'processor_id', 'processor_resource': 'extention',
    'node_resource': 'server_node_id, resource_type, total, used, pre_allocated, allocated, extention, status',
    'session_ranks': 'container_id',
}


class MetaError(Exception):
    """The database cannot be used: where it should be, and what it said."""


class Meta:
    """One short connection for each piece of work: the database may go away and come back."""

    def __init__(self, settings):
        driver = settings.get(f'{KEY}driver.class.name')
        if driver != DRIVER:
            raise MetaError(f'Cannot load JDBC driver class {driver!r}')
        match = URL.fullmatch(settings.get(f'{KEY}url', ''))
        if not match:
            raise MetaError(f'{KEY}url is not jdbc:mysql://host:port/database')
        self.host, self.database = match.group(1), match.group(3)
        self.port = int(match.group(2) or 3306)
        self.user, self.password = settings.get(f'{KEY}username', ''), settings.get(f'{KEY}password', '')

    def run(self, *statements):
        """Runs (sql, arguments) pairs in one transaction; rows of the last. Raises MetaError."""
        try:
            connection = pymysql.connect(host=self.host, port=self.port, user=self.user, password=self.password,
                                         database=self.database, connect_timeout=10)
            with connection, connection.cursor() as cursor:
                for sql, arguments in statements:
                    cursor.execute(sql, arguments)
                connection.commit()
                return cursor.fetchall()
        except (pymysql.MySQLError, OSError, RuntimeError) as error:
            raise MetaError(f'{self.user}@{self.host}:{self.port}/{self.database}: {error}') from error

    def check_tables(self):
        for table, columns in TABLES.items():
            self.run((f'select {columns} from {table} limit 1', ()))

    def heartbeat(self, host, port, node_type, cores):
        """Adds or refreshes the node's row; a node manager also says how many cores it has."""
        key = (host, port, node_type)
        found = self.run(('select server_node_id from server_node where host=%s and port=%s and node_type=%s', key))
        if found:
            self.run(("update server_node set status='HEALTHY', last_heartbeat_at=now() where server_node_id=%s",
                      found[0]))
        else:
            self.run(("insert into server_node (name, server_cluster_id, host, port, node_type, status, "
                      "last_heartbeat_at) values ('', 0, %s, %s, %s, 'HEALTHY', now())", key))
        if cores is not None:
            self.run(("insert into node_resource (server_node_id, resource_type, total, used, pre_allocated, "
                      "allocated, extention, status) select server_node_id, 'VCPU_CORE', %s, 0, 0, 0, '', 'AVAILABLE' "
                      'from server_node where host=%s and port=%s and node_type=%s '
                      'on duplicate key update total=values(total)', (cores, *key)))

    def mark_lost(self):
        self.run(("update server_node set status='LOSS' where status='HEALTHY' and "
                  'last_heartbeat_at < now() - interval %s second', (LOST_AFTER,)))

    def healthy_nodes(self):
        return self.run(("select host, port from server_node where node_type='NODE_MANAGER' and status='HEALTHY'", ()))

    def begin_session(self, session, cores):
        self.run(("replace into session_main (session_id, name, status, tag, total_proc_count, active_proc_count) "
                  "values (%s, '', 'ACTIVE', '', %s, %s)", (session, cores, cores)))

    def end_session(self, session):
        self.run(("update session_main set status='CLOSED', active_proc_count=0 where session_id=%s", (session,)))
