"""Tables that are uploaded: a CSV becomes its ids, its number of rows and the name of its label."""

import csv
import json


def load(database, engine, content, has_head, meta, namespace, name):
    """Raises ValueError where the real one could make no data frame of the file."""
    rows = [row for row in csv.reader(content.decode('utf-8').splitlines(), delimiter=meta.get('delimiter', ',')) if row]
    if not has_head or not rows:
        raise ValueError('a data frame needs a file with a head')
    head, body = rows[0], rows[1:]
    for row in body:
        if len(row) != len(head):
            raise ValueError(f'a line has {len(row)} columns, and the head {len(head)}')
    match, label = meta.get('match_id_name', head[0]), meta.get('label_name')
    for column in filter(None, [match, label]):
        if column not in head:
            raise ValueError(f'the file has no column {column}')
    ids = [row[head.index(match)] for row in body]
    database.run('replace into t_table values (%s, %s, %s, %s, %s, %s)', namespace, name, len(ids), engine, json.dumps(ids), label)
