# Gives the account of a party's database the password of the client.cnf that comes in, and writes that in the place of the one
# that the container mounts, so that dumps and health checks get in. Works in the party's folder; FATE_CONTAINER is MySQL's.
# No command line and no message has a password. Run again after a failure at any point, it does what is left.
set -eu
wanted=$(cat)
case $wanted in *password=*) ;; *) echo 'there is no login to take the place of the one that is there' >&2 && exit 1 ;; esac
login=/etc/mysql/fate-client.cnf

client() { docker exec -i "$FATE_CONTAINER" mysql --defaults-extra-file="$login" "$@"; }

if version=$(client -N -e 'select version()' 2>/dev/null </dev/null); then
  # A JSON string is a string of MySQL too.
  password=$(printf '%s\n' "$wanted" | sed -n 's/^password=//p')
  case $version in *MariaDB*) password="PASSWORD($password)" ;; esac
  # Errors of the client quote what it was told.
  said=$(printf 'SET PASSWORD = %s;\n' "$password" | client 2>&1) || {
    echo "the database refuses the new password with error $(printf '%s\n' "$said" | sed -n 's/^ERROR \([0-9]*\).*/\1/p')" >&2
    exit 1
  }
fi
# Not renamed over it: the container would keep the old one.
printf '%s\n' "$wanted" >confs/mysql/client.cnf
