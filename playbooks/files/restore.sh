# Puts the database and the files of an archive, as far as it has them, in the place of those of a party whose services are
# stopped, all but MySQL. Files are unpacked beside those they replace and change places with them only when all are there. Run
# again after a failure at any point, it does the whole again.
set -eu

verify "$FATE_ARCHIVE"
end_inside
with_data=
with_database=
sums=$(tar -xOf "$FATE_ARCHIVE" SHA256SUMS)
case $sums in *data.tar.gz*) with_data=yes ;; esac
case $sums in *mysql.sql.gz*) with_database=yes ;; esac

if [ -n "$with_data" ]; then
  tar -xOf "$FATE_ARCHIVE" data.tar.gz | inside '
    rm -rf .restoring .replaced
    mkdir -m 0700 .restoring .replaced .replaced/data
    tar -xzpSf - --numeric-owner -C .restoring'
  inside '
    for one in .restoring/data/* .restoring/examples; do
      place=${one#.restoring/}
      [ -e "$one" ] && [ "$place" != data/mysql ] || continue
      [ ! -e "$place" ] || mv "$place" ".replaced/$place"
      mv "$one" "$place"
    done'
fi

if [ -n "$with_database" ]; then
  # The account may not drop the database itself everywhere, so its tables go one by one.
  drops=$(database mysql -N --raw -e "select concat('drop ', if(table_type = 'VIEW', 'view', 'table'), ' if exists \`',
    replace(table_name, '\`', '\`\`'), '\`;') from information_schema.tables where table_schema = database()" "$FATE_DB")
  {
    printf 'set foreign_key_checks = 0;\n%s\nset foreign_key_checks = 1;\n' "$drops"
    tar -xOf "$FATE_ARCHIVE" mysql.sql.gz | gzip -dc
  } | database mysql "$FATE_DB"
fi

[ -z "$with_data" ] || inside 'rm -rf .restoring .replaced'
